import FileTestSupport
import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Hidden names that processes have left behind, and those that are in use.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct LeftoverTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory(.disk)
  }

  private func hidden() -> [UInt8] { HiddenName().bytes.dropLast().map { UInt8(bitPattern: $0) } }

  private func search() throws {
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    try tree.removeLeftovers(in: tree.root)
    #expect(tree.isFreeOfLeftovers(tree.root))
  }

  @Test func a_hidden_name_is_known_by_its_checksum() throws {
    for _ in 0..<1000 {
      let name = HiddenName()
      let bytes = name.bytes.dropLast().map { UInt8(bitPattern: $0) }
      #expect(bytes.count == 26 && HiddenName(bytes) == name)
      for index in bytes.indices {
        var other = bytes
        other[index] = other[index] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
        #expect(HiddenName(other) == nil)
      }
      #expect(HiddenName(bytes + [0x30]) == nil && HiddenName(bytes.dropLast()) == nil)
    }
    #expect(HiddenName(Array(".millrace-0123456789abcdef".utf8)) == nil)
  }

  @Test func what_nobody_writes_is_removed_and_all_else_stays() throws {
    try directory.write("a".utf8, to: hidden())
    try directory.makeLink(hidden(), to: "anywhere")
    try directory.makePipe(hidden())
    try directory.write("kept".utf8, to: "file")
    let further = hidden()
    _ = directory.path("file").withCString { old in directory.path(further).withCString { link(old, $0) } }
    // A user's, whatever it is called; a directory; one that is being written.
    let stay = [Array(".millrace-0123456789abcdef".utf8), Array(".millrace-".utf8), Array("x.millrace-".utf8)]
    for name in stay { try directory.write("mine".utf8, to: name) }
    let (inside, written) = (hidden(), hidden())
    try directory.makeDirectory(inside)
    let path = try directory.write("half".utf8, to: written)
    let file = FileDescriptor(rawValue: path.withCString { open($0, O_RDONLY | O_CLOEXEC) })
    HiddenName.lock(file)
    try search()
    #expect(Set(names()) == Set(stay + [Array("file".utf8), inside, written]))
    try file.close()
    try search()
    #expect(Set(names()) == Set(stay + [Array("file".utf8), inside]))
  }

  private func names() -> [[UInt8]] { TemporaryDirectory.names(in: directory.path) }

  /// In a run a directory is searched once: a leftover that is the source of a copy is copied, and stays.
  @Test func a_directory_is_searched_once() throws {
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    try tree.removeLeftovers(in: tree.root)
    try directory.write("a".utf8, to: hidden())
    try tree.removeLeftovers(in: tree.root)
    #expect(directory.listing.count == 1)
  }

  /// Runs that search all the time, as others begin, take nothing away that is in use.
  @Test(arguments: TreeCase.all.filter { $0.place == .onLane })
  func what_is_being_written_is_left_alone(_ tree: TreeCase) async throws {
    try directory.write("other".utf8, to: "other")
    let stopped = Stop()
    // Whatever fails, it ends.
    defer { stopped.isWanted.store(true, ordering: .relaxed) }
    let searching = Task.detached {
      while !stopped.isWanted.load(ordering: .relaxed) { try search() }
    }
    try await tree.run(in: directory) { engine, target in
      for needsHiddenName in [false, true] {
        var options = FileWriteOptions()
        options.needsHiddenName = needsHiddenName
        for number in 0..<300 { try await engine.write("file", in: target.root, [UInt8(number & 0xff)], options) }
      }
      try await engine.visit(target.root, .create) { () throws(FileError) in
        for number in 0..<300 {
          let name = Array("link".utf8)
          try target.root.makeSymbolicLink(name, to: Array("\(number)".utf8), FileAttributes(), replaces: true)
          for other in ["file", "other"] {
            _ = try target.root.link(Array("name".utf8), to: Array(other.utf8), in: target.root, replaces: true)
          }
        }
      }
    }
    stopped.isWanted.store(true, ordering: .relaxed)
    try await searching.value
    #expect(directory.listing == ["file", "link", "name", "other"])
  }
}

private final class Stop: Sendable {
  let isWanted = Atomic(false)
}
