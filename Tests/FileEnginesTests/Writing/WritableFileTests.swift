import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WritableFileTests {
  /// A buffer that begins with these bytes.
  private static func buffer(_ bytes: [UInt8]) -> IOBuffer {
    let buffer = IOBuffer(capacity: max(1, bytes.count))
    buffer.withMutableBytes { memory in memory.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
    return buffer
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func bytes_go_where_they_are_sent(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let target = directory.reference("file")
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        let buffer = Self.buffer([1, 2, 3, 4, 5])
        let file = try await engine.openForWriting(target, .create, permissions: FilePermissions(rawValue: 0o600))
        try await engine.writeAll(file, from: buffer, range: 1..<4, at: 3)
        try await engine.writeAll(file, from: buffer, range: 0..<1, at: 0)
        #expect(try directory.bytes("file") == [1, 0, 0, 2, 3, 4])
        try await engine.setSize(file, to: 4)
        try await engine.writeAll(file, from: buffer, range: 4..<5, at: 4)
        try await engine.setSize(file, to: 7)
        try await engine.synchronize(file, dataOnly: true)
        try await engine.synchronize(file, dataOnly: false)
        try await engine.close(file)
      }
      #expect(try directory.bytes("file") == [1, 0, 0, 2, 5, 0, 0])
      #expect(directory.permissions("file") == 0o600)
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func modes_make_and_keep_what_they_say(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let target = directory.reference("file")
    let permissions = FilePermissions(rawValue: 0o644)
    try await withEngine(kind) { engine in
      let missing = try await failure {
        try await place.run(engine) { _ = try await engine.openForWriting(target, .existing, permissions: permissions) }
      }
      #expect(missing == FileError(path: target.path, operation: .open, cause: .system(.noSuchFileOrDirectory)))
      for mode in [WritingMode.createExclusively, .existing, .create, .append] {
        try await place.run(engine) {
          let file = try await engine.openForWriting(target, mode, permissions: permissions)
          if mode == .append {
            try await engine.appendAll(file, from: Self.buffer([8, 9, 10]), range: 0..<2)
            // The end is somewhere else by now.
            try directory.write([1, 2, 8, 9, 0], to: "file")
            try await engine.appendAll(file, from: Self.buffer([8, 9, 10]), range: 2..<3)
          } else {
            try await engine.writeAll(file, from: Self.buffer([1, 2]), range: 0..<2, at: 0)
          }
          try await engine.close(file)
        }
      }
      #expect(try directory.bytes("file") == [1, 2, 8, 9, 0, 10])
      let taken = try await failure {
        try await place.run(engine) {
          _ = try await engine.openForWriting(target, .createExclusively, permissions: permissions)
        }
      }
      #expect(taken == FileError(path: target.path, operation: .open, cause: .system(.fileExists)))
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func what_is_no_file_is_not_opened(_ kind: EngineUnderTest, _ place: Place) async throws {
    let (directory, elsewhere) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try directory.makeDirectory("directory")
    try directory.makePipe("fifo")
    try elsewhere.write([1], to: "victim")
    try directory.makeLink("link", to: "\(elsewhere.string)/victim")
    try directory.makeLink("dangling", to: "\(elsewhere.string)/nothing")
    let cases: [(String, FileError.Cause)] = [
      ("directory", .isDirectory), ("fifo", .notRegular), ("link", .isSymbolicLink), ("dangling", .isSymbolicLink),
      ("missing/file", .system(.noSuchFileOrDirectory)),
    ]
    try await withEngine(kind) { engine in
      for mode in [WritingMode.existing, .create, .append] {
        for (name, cause) in cases {
          let target = directory.reference(name)
          let error = try await failure {
            try await place.run(engine) {
              _ = try await engine.openForWriting(target, mode, permissions: FilePermissions(rawValue: 0o644))
            }
          }
          #expect(error == FileError(path: target.path, operation: .open, cause: cause))
        }
      }
      #expect(elsewhere.listing == ["victim"])
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func errors_name_the_operation_and_the_place(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let target = directory.reference("file")
    try await withEngine(kind) { engine in
      let file = try await engine.openForWriting(target, .create, permissions: FilePermissions(rawValue: 0o644))
      // Beyond what any file may have.
      let tooFar = try await failure {
        _ = try await engine.write(file, from: Self.buffer([1]), range: 0..<1, at: .max - 1)
      }
      // `FileHandle` seeks there, and lseek(2) has an opinion of its own.
      let cause = FileError.Cause.system(kind == .blocking ? .invalidArgument : .fileTooLarge)
      #expect(tooFar == FileError(path: target.path, operation: .write, offset: .max - 1, cause: cause))
      for offset in [-1, Int64.min] {
        let before = try await failure {
          _ = try await engine.write(file, from: Self.buffer([1]), range: 0..<1, at: offset)
        }
        let cause = FileError.Cause.system(.invalidArgument)
        #expect(before == FileError(path: target.path, operation: .write, offset: offset, cause: cause))
      }
      let negative = try await failure { try await engine.setSize(file, to: -1) }
      #expect(negative == FileError(path: target.path, operation: .truncate, cause: .system(.invalidArgument)))
      try await engine.close(file)
    }
  }

  /// In a process of its own, whose limits are lowered and whose rights are given up.
  @Test(arguments: EngineUnderTest.allCases)
  func refusals_of_the_system_are_clear(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest] in
      signal(SIGXFSZ, SIG_IGN)
      let directory = try TemporaryDirectory(.disk)
      try directory.write([1], to: "file")
      try directory.makeDirectory("locked")
      directory.setPermissions("locked", 0o555)
      var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      try await withEngine(kind) { engine in
        for name in ["file", "new"] {
          // The first 10,000 bytes are taken: a short write is continued, and then comes the error. `FileHandle`
          // continues by itself and does not say how far it came.
          let error = try await failure {
            try await engine.writeFile(at: directory.reference(name)) { try await $0.write(.noise(20_000)) }
          }
          #expect(error.cause == .system(.fileTooLarge) && error.operation == .write)
          #expect(error.offset == (kind == .blocking ? 8192 : 10_000))
          let whole = try await failure {
            try await engine.writeFile(at: directory.reference(name), contents: .noise(20_000))
          }
          #expect(whole.cause == .system(.fileTooLarge) && whole.offset == (kind == .blocking ? 0 : 10_000))
        }
        #expect(try directory.bytes("file") == [1])
        #expect(directory.listing == ["file", "locked"])
        if getuid() == 0 { #expect(chown(directory.string, 65534, 65534) == 0 && setuid(65534) == 0) }
        let target = directory.reference("locked/file")
        let error = try await failure { try await engine.writeFile(at: target, contents: [1]) }
        #expect(error == FileError(path: target.path, operation: .create, cause: .system(.permissionDenied)))
        #expect(directory.openDescriptors == 0)
      }
    }
  }
}
