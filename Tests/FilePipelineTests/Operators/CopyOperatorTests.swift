import FilePipeline
import FileTestSupport
import Glibc
import TestTurns
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud where there is no rsync to compare trees with.
  fileprivate static var comparedWithRsync: Self {
    .enabled(if: access("/usr/bin/rsync", X_OK) == 0, "needs rsync(1)")
  }
}

/// Trees are copied with everything that rsync compares.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CopyOperatorTests {
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory

  init() async throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try await CopyTree.make(in: source)
  }

  private func entries(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(source.string), .copying, engine: .engine(engine))
  }

  private var out: FilePath { FilePath(target.string).appending("out") }

  /// What rsync would do to make the target equal to the source; empty if it is.
  private func differences() async throws -> String {
    try await shell("rsync -naHAXS --checksum --delete --itemize-changes '\(source.string)/' '\(out)/'")
  }

  private func shell(_ script: String) async throws -> String {
    let outcome = try await ChildProcess(["/bin/sh", "-c", script].map { Array($0.utf8) }, in: nil).outcome()
    return String(decoding: outcome.output + outcome.errors, as: UTF8.self)
  }

  private static let hidden = Array(".millrace-".utf8)

  private func hiddenNames() async throws -> String { try await shell("find '\(target.string)' -name '.millrace-*'") }

  @Test(.comparedWithRsync, arguments: EngineUnderTest.allCases)
  func the_copy_is_what_rsync_would_make(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let actions = try await entries(engine).copy(to: out).map { try $0.value.action }.collect()
      #expect(Set(actions) == [.written, .linked])
      #expect(try await differences() == "")
      #expect(try await hiddenNames() == "")
      #expect(source.isLetGo() && target.isLetGo())
    }
  }

  @Test(.comparedWithRsync, arguments: EngineUnderTest.allCases)
  func a_second_run_writes_nothing(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      try await entries(engine).copy(to: out).forEach { _ = try $0.value }
      let before = try await shell("cd '\(out)' && find . -printf '%p %i %C@\\n' | sort")
      let results = try await entries(engine).copy(to: out).collect()
      #expect(try results.allSatisfy { try $0.value.action == .unchanged })
      #expect(try await shell("cd '\(out)' && find . -printf '%p %i %C@\\n' | sort") == before)
    }
  }

  /// Another user's file with the size and the mtime of the source is not given to the source's owner: its contents are
  /// not known.
  @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: EngineUnderTest.allCases)
  func a_file_of_another_owner_is_replaced_and_not_taken_for_the_same(_ kind: EngineUnderTest) async throws {
    _ = try await shell("cd '\(source.string)' && printf good > tool && chmod 4755 tool")
    _ = try await shell(
      "mkdir '\(out)' && cd '\(out)' && printf evil > tool && touch -r '\(source.string)/tool' tool && chown 65533 tool"
    )
    try await withEngine(kind) { engine in
      try await entries(engine).copy(to: out).forEach { _ = try $0.value }
      #expect(try await shell("cat '\(out)/tool'; stat -c ' %a %u' '\(out)/tool'") == "good 4755 0\n")
    }
  }

  /// Without the owner the bits would give the rights of the user who copies.
  @Test(arguments: EngineUnderTest.allCases)
  func without_owners_no_bits_are_kept_that_give_rights(_ kind: EngineUnderTest) async throws {
    _ = try await shell("cd '\(source.string)' && printf good > tool && chmod 6755 tool")
    try await withEngine(kind) { engine in
      let options = CopyOptions(keeps: [.permissions, .times])
      try await entries(engine).copy(to: out, options: options).forEach { _ = try $0.value }
      #expect(try await shell("stat -c %a '\(out)/tool'") == "755\n")
    }
  }

  @Test(.comparedWithRsync, arguments: EngineUnderTest.allCases)
  func what_has_changed_is_made_equal_again(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      try await entries(engine).copy(to: out).forEach { _ = try $0.value }
      _ = try await shell(
        """
        cd '\(source.string)' && echo more >> deep/er/a && chmod 600 small && ln -sfn elsewhere deep/link
        chmod 711 deep && rm same && ln deep/er/b same && touch -d '2001-02-03 04:05:06.789' large
        """)
      let results = try await entries(engine).copy(to: out).collect()
      #expect(results.compactMap(\.failure) == [])
      #expect(try await differences() == "")
      #expect(try await hiddenNames() == "")
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_reducer_gets_what_is_read(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let results = try await entries(engine).copy(to: out, reducing: { Collector() }).collect()
      let collected = try results.compactMap { result in try result.value.output.map { (result.pathBytes, $0) } }
      let read = try await FilePipeline.files(under: FilePath(source.string), engine: .engine(engine))
        .reduce { Collector() }.map { ($0.pathBytes, try $0.value) }.collect()
      // Of the names of one file only the first is read; all have its output.
      #expect(collected.count == read.count && results.filter { $0.byteCount > 0 }.count < read.count)
      let expected = Dictionary(uniqueKeysWithValues: read)
      #expect(collected.allSatisfy { expected[$0.0] == $0.1 })
      let holes = try await shell("stat -c %b '\(out)/holes' '\(out)/small-hole'").split(separator: "\n")
      #expect(holes.allSatisfy { Int($0)! <= 64 })
      let copied = try await FilePipeline.files(under: out, engine: .engine(engine)).reduce { Collector() }
        .map { try $0.value }.collect()
      #expect(copied == read.map(\.1))
    }
  }

  @Test func a_dry_run_tells_what_a_run_does_and_writes_nothing() async throws {
    try await withEngine(.threads) { engine in
      let options = CopyOptions(isDryRun: true)
      let planned = try await entries(engine).copy(to: out, options: options).map { try $0.value }.collect()
      #expect(TemporaryDirectory.names(in: target.path) == [])
      #expect(Set(planned.map(\.action)) == [.written, .linked])
      let done = try await entries(engine).copy(to: out).map { try $0.value.target }.collect()
      #expect(Set(planned.map(\.target)) == Set(done))
      let again = try await entries(engine).copy(to: out, options: options).map { try $0.value.action }.collect()
      #expect(again.allSatisfy { $0 == .unchanged })
    }
  }

  @Test func a_target_inside_the_source_is_not_copied_into_itself() async throws {
    try await withEngine(.threads) { engine in
      let inside = FilePath(source.string).appending("deep/copy")
      for _ in 0..<2 {
        let failures = try await entries(engine).copy(to: inside).collect().compactMap(\.failure)
        #expect(failures.allSatisfy { $0.cause == .excluded })
      }
      #expect(try await shell("ls '\(inside)/deep'") == "er\nlink\n")
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_is_there_stays_if_nothing_is_to_be_written_over(_ kind: EngineUnderTest) async throws {
    try target.makeDirectory("out")
    try target.write("old".utf8, to: "out/small")
    try await withEngine(kind) { engine in
      try await entries(engine).copy(to: out, options: CopyOptions(overwriting: .never)).forEach { _ = try $0.value }
      #expect(try await shell("cat '\(out)/small'") == "old")
      try await entries(engine).copy(to: out, options: CopyOptions(overwriting: .always)).forEach { _ = try $0.value }
      #expect(try await shell("cat '\(out)/small'") == "small")
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_directory_that_is_a_link_in_the_target_is_not_followed(_ kind: EngineUnderTest) async throws {
    try target.makeDirectory("out")
    try target.makeDirectory("elsewhere")
    try target.makeLink("out/deep", to: "../elsewhere")
    try await withEngine(kind) { engine in
      let failed = try await entries(engine).copy(to: out).collect().compactMap(\.failure)
      #expect(!failed.isEmpty && failed.allSatisfy { $0.cause == .isSymbolicLink })
      #expect(TemporaryDirectory.names(in: target.path("elsewhere")) == [])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_run_that_is_cancelled_leaves_nothing_hidden(_ kind: EngineUnderTest) async throws {
    let many = try TemporaryDirectory(.disk)
    for number in 0..<200 { try many.write([UInt8](repeating: 65, count: 100), to: "\(number)") }
    try await withEngine(kind) { engine in
      let first = Gate()
      let run = FilePipeline.files(under: FilePath(many.string), .copying, engine: .engine(engine)).copy(to: out)
        .start { _ in first.open() }
      await first.wait()
      run.cancel()
      _ = await run.result
      let (hidden, incomplete) = (try await hiddenNames(), try await shell("find '\(out)' -type f ! -size 100c"))
      #expect(hidden == "" && incomplete == "")
      #expect(many.isLetGo() && target.isLetGo())
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root for a file system of its own"), arguments: EngineUnderTest.allCases)
  func a_full_file_system_is_a_failure_of_each_file(_ kind: EngineUnderTest) async throws {
    try target.makeDirectory("out")
    let mounted = try await shell("mount -t tmpfs -o size=64k tmpfs '\(out)'")
    if mounted != "" { try Test.cancel("no tmpfs can be mounted: \(mounted)") }
    do {
      try await withEngine(kind) { engine in
        let failed = try await entries(engine).copy(to: out).collect().compactMap(\.failure)
        #expect(failed.contains { $0.path == target.path("out/large") && $0.cause == .system(.noSpace) })
        #expect(try await hiddenNames() == "")
      }
    } catch {
      _ = try await shell("umount '\(out)'")
      throw error
    }
    #expect(try await shell("umount '\(out)'") == "")
  }
}

/// A tree with files of all kinds.
private enum CopyTree {
  static func make(in directory: TemporaryDirectory) async throws {
    for name in ["deep", "deep/er", "empty"] { try directory.makeDirectory(name) }
    for name in ["a", "b"] { try directory.write(name.utf8, to: "deep/er/\(name)") }
    try directory.write("small".utf8, to: "small")
    try directory.write([], to: "none")
    try directory.write([UInt8].noise(300_000), to: "large")
    try directory.write("text".utf8, to: [0xFF, 0x0A, 0x80])
    try directory.makeLink("deep/link", to: "../nowhere")
    try directory.makePipe("pipe")
    try directory.makeSocket("socket")
    try holes(in: directory, "holes", 1 << 20)
    try holes(in: directory, "small-hole", 64 << 10)
    for name in ["same", "deep/er/same"] {
      _ = directory.path("small").withCString { old in directory.path(name).withCString { link(old, $0) } }
    }
    attributes(in: directory)
    for (name, others) in [("large", 2), ("empty", 1), ("small", 4)] {
      let arguments = ["/usr/bin/env", "python3", "-c", script, directory.string + "/" + name, "\(others)"]
      _ = try await ChildProcess(arguments.map { Array($0.utf8) }, in: nil).outcome()
    }
  }

  private static func holes(in directory: TemporaryDirectory, _ name: String, _ size: Int) throws {
    let path = try directory.write([], to: name)
    let descriptor = path.withCString { open($0, O_WRONLY | O_CLOEXEC) }
    defer { close(descriptor) }
    #expect(pwrite(descriptor, "data", 4, size / 2) == 4 && ftruncate(descriptor, size) == 0)
  }

  /// Times and permissions; as root owners too, and a device.
  private static func attributes(in directory: TemporaryDirectory) {
    let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 123_456_789), timespec(tv_sec: -5, tv_nsec: 7)]
    for (name, mode) in [("deep/er/a", 0o4711), ("none", 0o640), ("empty", 0o1770), ("deep/er", 0o500)] {
      directory.path(name).withCString { path in
        if geteuid() == 0 { _ = chown(path, 1234, 5678) }
        _ = chmod(path, mode_t(mode))
        _ = utimensat(AT_FDCWD, path, times, 0)
      }
    }
    directory.path("deep/link").withCString { _ = utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW) }
    if geteuid() == 0 { directory.path("device").withCString { _ = mknod($0, S_IFCHR | 0o620, 0x103) } }
  }

  /// An extended attribute, and access control lists with an entry for another user, where the file system and the
  /// machine have them.
  private static let script = """
    import os, struct, sys
    path, others = sys.argv[1], int(sys.argv[2])
    entry = lambda tag, permissions, number=0xffffffff: struct.pack("<HHI", tag, permissions, number)
    acl = struct.pack("<I", 2) + entry(1, 6) + entry(2, 4, 1234) + entry(4, others) + entry(0x10, 6) + entry(0x20, 0)
    stat = os.stat(path)
    names = ["system.posix_acl_access"] + (["system.posix_acl_default"] if os.path.isdir(path) else [])
    for name, value in [("user.kept", b"value")] + [(name, acl) for name in names]:
      try: os.setxattr(path, name, value)
      except OSError: pass
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    """
}
