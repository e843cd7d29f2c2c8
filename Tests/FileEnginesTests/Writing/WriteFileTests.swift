import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WriteFileTests {
  static let sizes = [0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 50_000]

  @Test(arguments: Circumstances.all)
  func every_size_around_the_buffer_arrives_whole(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(now.kind) { engine in
      for size in Self.sizes {
        let bytes = [UInt8].noise(size, seed: UInt64(size))
        for pieceSize in [1, 1000, 4096, 60_000] where size / pieceSize < 10_000 {
          let target = directory.reference("\(size)-\(pieceSize)")
          let count = try await now.place.run(engine) {
            try await engine.writeFile(at: target, options: now.temporary.options()) { writer in
              for start in stride(from: 0, to: size, by: pieceSize) {
                try await writer.write(Array(bytes[start..<min(size, start + pieceSize)]))
              }
              return writer.count
            }
          }
          #expect(count == Int64(size))
          #expect(try directory.contains("\(size)-\(pieceSize)", bytes), "\(size) bytes by \(pieceSize)")
        }
        let target = directory.reference("\(size)-whole")
        try await now.place.run(engine) {
          try await engine.writeFile(at: target, contents: bytes, options: now.temporary.options())
        }
        #expect(try directory.contains("\(size)-whole", bytes), "\(size) bytes at once")
      }
      #expect(directory.listing.allSatisfy { !$0.hasPrefix(".") })
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: Circumstances.all)
  func permissions_are_kept_or_given(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    // The umask of the process: what a plain creation leaves of 0666.
    let ordinary = try await withEngine(now.kind) { engine in
      for (name, mode) in [("none", mode_t(0o640)), ("all", 0o777), ("read", 0o400)] {
        try directory.write([1], to: name)
        directory.setPermissions(name, mode)
        let target = directory.reference(name)
        try await now.place.run(engine) {
          try await engine.writeFile(at: target, contents: [2], options: now.temporary.options())
        }
        #expect(directory.permissions(name) == mode)
        #expect(try directory.bytes(name) == [2])
        try await now.place.run(engine) {
          let options = now.temporary.options { $0.permissions = .exactly(FilePermissions(rawValue: 0o751)) }
          try await engine.writeFile(at: target, contents: [3], options: options)
        }
        #expect(directory.permissions(name) == 0o751)
      }
      let new = directory.reference("new")
      try await now.place.run(engine) {
        try await engine.writeFile(at: new, contents: [], options: now.temporary.options())
      }
      return directory.permissions("new")
    }
    let plain = directory.path("plain").withCString { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666) }
    #expect(plain >= 0)
    _ = close(plain)
    #expect(ordinary == directory.permissions("plain"))
  }

  @Test(arguments: Circumstances.all)
  func existing_file_is_replaced_only_if_it_may_be(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1, 2, 3], to: "file")
    let target = directory.reference("file")
    try await withEngine(now.kind) { engine in
      let options = now.temporary.options { $0.replacesExisting = false }
      let error = try await failure {
        try await now.place.run(engine) { try await engine.writeFile(at: target, contents: [4], options: options) }
      }
      #expect(error == FileError(path: target.path, operation: .create, cause: .system(.fileExists)))
      // Somebody is quicker than the writer.
      let late = try await failure {
        try await now.place.run(engine) {
          try await engine.writeFile(at: directory.reference("late"), options: options) { writer in
            try await writer.write([4])
            try directory.write([5], to: "late")
          }
        }
      }
      #expect(late.cause == .system(.fileExists))
      #expect(directory.listing == ["file", "late"])
      #expect(try directory.bytes("file") == [1, 2, 3] && directory.bytes("late") == [5])
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: Circumstances.all)
  func link_in_the_targets_place_is_replaced_and_not_followed(_ now: Circumstances) async throws {
    let (directory, elsewhere) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try elsewhere.write([1, 2, 3], to: "victim")
    elsewhere.setPermissions("victim", 0o444)
    try directory.makeLink("to directory", to: elsewhere.string)
    try directory.makeLink("link", to: "\(elsewhere.string)/victim")
    try directory.makeLink("dangling", to: "\(elsewhere.string)/nothing")
    try await withEngine(now.kind) { engine in
      for name in ["link", "dangling", "to directory"] {
        let target = directory.reference(name)
        try await now.place.run(engine) {
          try await engine.writeFile(at: target, contents: [4], options: now.temporary.options())
        }
        #expect(directory.status(name).st_mode & S_IFMT == S_IFREG)
        // Not even the permissions are those of what it points to.
        #expect(directory.permissions(name) != 0o444)
        #expect(try directory.bytes(name) == [4])
      }
      #expect(elsewhere.listing == ["victim"])
      #expect(try elsewhere.bytes("victim") == [1, 2, 3])
      #expect(elsewhere.permissions("victim") == 0o444)
    }
  }

  @Test(arguments: Circumstances.all)
  func what_is_no_file_is_neither_written_nor_replaced(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.makeDirectory("directory")
    try directory.makePipe("fifo")
    try directory.makeSocket("socket")
    try directory.write([1], to: "file")
    let long = String(repeating: "n", count: 256)
    let cases: [(String, FileError.Cause)] = [
      ("directory", .isDirectory), ("directory/", .isDirectory), ("directory/.", .isDirectory), ("..", .isDirectory),
      ("fifo", .notRegular), ("socket", .notRegular), ("missing/file", .system(.noSuchFileOrDirectory)),
      ("file/file", .system(.notDirectory)), (long, .system(.fileNameTooLong)),
    ]
    let before = directory.listing
    try await withEngine(now.kind) { engine in
      for (name, cause) in cases {
        let target = directory.reference(name)
        let error = try await failure {
          try await now.place.run(engine) {
            try await engine.writeFile(at: target, contents: [1], options: now.temporary.options())
          }
        }
        #expect(error == FileError(path: target.path, operation: .create, cause: cause), "\(name)")
      }
      let empty = try await failure { try await engine.writeFile(at: FileReference(path: []), contents: []) }
      #expect(empty.cause == .system(.noSuchFileOrDirectory))
      let device = try await failure {
        try await engine.writeFile(at: FileReference(path: "/dev/null".utf8), contents: [])
      }
      #expect(device.cause == .notRegular)
      #expect(directory.listing == before)
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: Circumstances.all)
  func hostile_names_and_open_directories_serve(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    let single = (1...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "/") }
    // A lone dot is the directory itself.
    let names =
      single.map { [$0] }.filter { $0 != [UInt8(ascii: ".")] } + [
        single, [0xFF, 0xFE], Array("a\nb\\".utf8), [UInt8](repeating: 0x6E, count: 255), Array("-rf *".utf8),
      ]
    try await withEngine(now.kind) { engine in
      for name in names {
        try await now.place.run(engine) {
          let target = FileReference(path: directory.path(name))
          try await engine.writeFile(at: target, contents: name, options: now.temporary.options())
        }
        #expect(try await engine.contents(directory.path(name)) == name)
      }
      // A name in a directory that is held open, whatever has become of its path.
      let opened = try FileDescriptor.open(FilePath(directory.string), .readOnly)
      let place = DirectoryReference(
        at: FileReference(path: Array("/gone".utf8)), names: Array("new\0".utf8), opened: opened)
      let target = FileReference(in: place, start: 0, count: 3, inode: 0)
      try await now.place.run(engine) {
        try await engine.writeFile(at: target, contents: [7], options: now.temporary.options())
      }
      #expect(try directory.bytes("new") == [7])
      #expect(Set(TemporaryDirectory.names(in: directory.path)) == Set(names + [Array("new".utf8)]))
    }
  }

  @Test(arguments: Circumstances.all, Durability.allCases)
  func synchronized_file_is_as_any_other(_ now: Circumstances, _ durability: Durability) async throws {
    let directory = try TemporaryDirectory(.disk)
    let target = directory.reference("file")
    try await withEngine(now.kind) { engine in
      for round in UInt8(0)..<2 {
        try await now.place.run(engine) {
          let options = now.temporary.options { $0.durability = durability }
          try await engine.writeFile(at: target, contents: [round], options: options)
        }
        #expect(try directory.bytes("file") == [round])
      }
      #expect(directory.listing == ["file"] && directory.openDescriptors == 0)
    }
  }
}
