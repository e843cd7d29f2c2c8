import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Handles that are dropped instead of ended.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct OwnershipTests {
  /// The second name is no string, so that the blocking engine does not open it by its path.
  private static let names = [Array("file".utf8), [0xFF, 0xFE]]

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func dropped_file_is_closed(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(kind) { engine in
      for name in Self.names {
        let file = FileReference(path: try directory.write([1], to: name))
        for mode in [WritingMode.existing, .append] {
          try await place.run(engine) {
            let opened = try await engine.open(file)
            let written = try await engine.openForWriting(file, mode, permissions: .ownerReadWrite)
            #expect(opened.size == 1 && written.reference.path == file.path)
            #expect(directory.openDescriptors == 2)
          }
          #expect(directory.openDescriptors == 0)
        }
      }
    }
  }

  @Test(arguments: Circumstances.all)
  func dropped_temporary_file_is_discarded(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1], to: "file")
    try await withEngine(now.kind) { engine in
      for name in ["file", "new"] {
        try await now.place.run(engine) {
          let temporary = try await engine.makeTemporary(for: directory.reference(name), now.temporary.options())
          #expect(directory.listing.count == (now.temporary == .named ? 2 : 1))
          #expect(temporary.file.reference.path == directory.path(name))
        }
        #expect(directory.listing == ["file"] && directory.openDescriptors == 0)
      }
      #expect(try directory.bytes("file") == [1])
    }
  }

  /// The number of a descriptor that is closed twice may be another file's by then.
  @Test(arguments: EngineUnderTest.allCases)
  func ended_file_is_closed_once(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest] in
      let directory = try TemporaryDirectory(.disk)
      try await withEngine(kind) { engine in
        for name in Self.names {
          let file = FileReference(path: try directory.write([1], to: name))
          let opened = try await engine.open(file)
          let number = opened.descriptor.rawValue
          await engine.close(opened)
          #expect(fcntl(number, F_GETFD) < 0)
          let written = try await engine.openForWriting(file, .existing, permissions: .ownerReadWrite)
          let writtenNumber = written.descriptor.rawValue
          try await engine.close(written)
          #expect(fcntl(writtenNumber, F_GETFD) < 0)
        }
      }
    }
  }

  @Test func taken_descriptor_stays_open_and_a_dropped_one_does_not() {
    let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
    var taken = OwnedDescriptor(FileDescriptor(rawValue: number))
    #expect(taken.take().rawValue == number)
    taken.close()
    _ = consume taken
    #expect(fcntl(number, F_GETFD) >= 0)
    do {
      let elsewhere = OwnedDescriptor(ownedElsewhere: FileDescriptor(rawValue: number))
      #expect(elsewhere.descriptor.rawValue == number)
    }
    #expect(fcntl(number, F_GETFD) >= 0)
    close(number)
  }

  @Test func value_that_is_handed_over_is_taken_once() async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1], to: "file")
    do {
      let box = Handover(try Opening.open(FileReference(path: path)))
      let file = box.take()
      #expect(file.size == 1 && directory.openDescriptors == 1)
    }
    #expect(directory.openDescriptors == 0)
    do { _ = Handover(try Opening.open(FileReference(path: path))) }
    #expect(directory.openDescriptors == 0)
    await #expect(processExitsWith: .failure) {
      let box = Handover(try Opening.open(FileReference(path: Array("/proc/self/exe".utf8))))
      _ = box.take()
      _ = box.take()
    }
  }
}
