import FilePipeline
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Copies are read and compared.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct VerifyOperatorTests {
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory
  private static let bypass = FileEngineConfiguration.small(pageCache: .bypass)

  init() async throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try source.makeDirectory("d")
    for size in [0, 1, 4095, 4096, 5000, 300_000] { try source.write([UInt8].noise(size), to: "d/\(size)") }
    _ = source.path("d/1").withCString { old in source.path("link").withCString { link(old, $0) } }
  }

  private var out: FilePath { FilePath(target.string).appending("out") }

  private func copies(_ engine: any FileEngine) -> Pipeline<FileResult<CopiedFile<[UInt8]>>> {
    FilePipeline.files(under: FilePath(source.string), .copying, engine: .engine(engine))
      .copy(to: out, options: CopyOptions(readsUnchanged: true), reducing: { Collector() })
  }

  /// Changes one byte of a copy.
  private static func damage(_ copy: FilePath) {
    let file = copy.withPlatformString { open($0, O_RDWR | O_CLOEXEC) }
    defer { close(file) }
    var byte: UInt8 = 0
    #expect(file >= 0 && pread(file, &byte, 1, 4095) == 1)
    byte ^= 1
    #expect(pwrite(file, &byte, 1, 4095) == 1)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func copies_that_are_right_pass(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind, Self.bypass) { engine in
      for pass in 0..<2 {
        let results = try await copies(engine).verify(in: out, engine: .engine(engine)) { Collector() }.collect()
        #expect(results.compactMap(\.failure) == [] && results.count == 9)
        #expect(try results.contains { try $0.value.action == .unchanged } == (pass == 1))
      }
    }
  }

  /// The bytes are changed between the copy and the verification.
  @Test(arguments: EngineUnderTest.allCases)
  func a_copy_that_was_changed_since_is_found_and_named(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind, Self.bypass) { engine in
      let damaged = out.appending("d/300000")
      let results = try await copies(engine)
        .map { result in
          if try result.value.target == damaged { Self.damage(damaged) }
          return result
        }
        .verify(in: out, engine: .engine(engine)) { Collector() }.collect()
      #expect(
        results.compactMap(\.failure) == [
          FileError(path: damaged.string.utf8Bytes, operation: .verify, cause: .differs)
        ])
      #expect(results.count == 9)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_file_that_was_left_alone_is_compared(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind, Self.bypass) { engine in
      try await copies(engine).forEach { _ = try $0.value }
      let damaged = out.appending("d/4096")
      Self.damage(damaged)
      try setTimes(of: damaged, like: FilePath(source.string).appending("d/4096"))
      let results = try await copies(engine).verify(in: out, engine: .engine(engine)) { Collector() }.collect()
      #expect(results.compactMap(\.failure).map(\.cause) == [.differs])
      #expect(try results.filter { $0.failure == nil }.allSatisfy { try $0.value.action == .unchanged })
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_copy_that_is_gone_or_shorter_is_a_failure(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind, Self.bypass) { engine in
      let (gone, cut) = (out.appending("d/0"), out.appending("d/5000"))
      let failures = try await copies(engine)
        .map { result in
          let copy = try result.value.target
          if copy == gone { _ = copy.withPlatformString { unlink($0) } }
          if copy == cut { _ = copy.withPlatformString { truncate($0, 4999) } }
          return result
        }
        .verify(in: out, engine: .engine(engine)) { Collector() }.collect().compactMap(\.failure)
      #expect(failures.map(\.cause) == [.system(.noSuchFileOrDirectory), .differs])
    }
  }

  /// The bytes behind the link are those of the source.
  @Test(arguments: EngineUnderTest.allCases)
  func a_link_in_the_place_of_a_copy_is_not_followed(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind, Self.bypass) { engine in
      let (replaced, original) = (out.appending("d/5000"), FilePath(source.string).appending("d/5000"))
      let failures = try await copies(engine)
        .map { result in
          if try result.value.target == replaced {
            _ = replaced.withPlatformString { unlink($0) }
            #expect(symlink(original.string, replaced.string) == 0)
          }
          return result
        }
        .verify(in: out, engine: .engine(engine)) { Collector() }.collect().compactMap(\.failure)
      #expect(failures.map(\.cause) == [.notRegular])
    }
  }

  /// What was just written is cached, and would be read from the page cache.
  @Test(arguments: [EngineUnderTest.uring, .threads, .blocking])
  func copies_are_read_from_the_disk(_ kind: EngineUnderTest) async throws {
    try source.write([UInt8].noise(4 << 20), to: "large")
    guard let before = bytesReadFromDisk() else { try Test.cancel("the kernel does not count what is read") }
    try await withEngine(kind, .small(pageCache: .use)) { engine in
      try await withEngine(kind, Self.bypass) { verifier in
        let verified = copies(engine).verify(in: out, engine: .engine(verifier)) { Collector() }
        try await verified.forEach { _ = try $0.value }
      }
    }
    #expect(try #require(bytesReadFromDisk()) - before >= 4 << 20)
  }

  /// Nil where the kernel does not count.
  private func bytesReadFromDisk() -> Int? {
    let file = open("/proc/self/io", O_RDONLY | O_CLOEXEC)
    if file < 0 { return nil }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 1024)
    let count = read(file, &text, text.count)
    let lines = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix("read_bytes: ") }.flatMap { Int($0.dropFirst(12)) }
  }

  private func setTimes(of copy: FilePath, like file: FilePath) throws {
    var status = stat()
    try #require(file.withPlatformString { stat($0, &status) } == 0)
    let times = [status.st_atim, status.st_mtim]
    try #require(copy.withPlatformString { utimensat(AT_FDCWD, $0, times, 0) } == 0)
  }
}

extension String {
  fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}
