import FilePipeline
import FileTestSupport
import TestTurns
import Testing

/// Where files come from.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FileSourceTests {
  private let directory: TemporaryDirectory
  private let root: FilePath

  init() throws {
    directory = try TemporaryDirectory()
    root = FilePath(directory.string)
    for name in ["a", "b", "c", ".hidden"] { try directory.write(name.utf8, to: name) }
  }

  private func contents(_ files: FilePipeline) async throws -> [String?] {
    try await files.reduce { Collector() }.collect().map { result in
      (try? result.value).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func several_roots_are_walked_one_after_another() async throws {
    let roots = [root.appending("c"), root.appending("gone"), root]
    #expect(try await contents(.files(under: roots)) == ["c", nil, ".hidden", "a", "b", "c"])
  }

  @Test func the_options_of_the_walk_hold() async throws {
    var options = WalkOptions()
    options.includesHidden = false
    options.wantsStatus = true
    let entries = try await FilePipeline.files(under: root, options).collect()
    #expect(entries.map { $0.path.lastComponent?.string } == ["a", "b", "c"])
    #expect(entries.map { $0.status?.size } == [1, 1, 1])
  }

  @Test func paths_keep_their_order_and_their_failures() async throws {
    let paths = ["b", "gone", "a", "b"].map { root.appending($0) }
    #expect(try await contents(.files(at: paths)) == ["b", nil, "a", "b"])
  }

  @Test func paths_come_from_an_asynchronous_sequence() async throws {
    let names = AsyncStream { continuation in
      for name in ["b", "a"] { continuation.yield(root.appending(name)) }
      continuation.finish()
    }
    #expect(try await contents(.files(at: names)) == ["b", "a"])
  }

  @Test func paths_are_fed() async throws {
    let feed = Channel<FilePath>(capacity: 8)
    for name in ["c", "a"] { _ = await feed.send(root.appending(name)) }
    feed.finish()
    #expect(try await contents(FilePipeline.files(at: feed)) == ["c", "a"])
  }

  /// Byte for byte: a name need not be text.
  @Test func a_name_that_is_not_text_goes_in_and_out() async throws {
    let name: [UInt8] = [0xFF, 0x62, 0x80]
    let directory = try TemporaryDirectory()
    let path = try directory.write([7], to: name)
    let walked = try await FilePipeline.files(under: FilePath(directory.string)).reduce { Collector() }.collect()
    #expect(walked.map(\.pathBytes) == [path])
    let given = try await FilePipeline.files(at: walked.map(\.path)).reduce { Collector() }.collect()
    #expect(given.map(\.pathBytes) == [path])
    #expect(try given.map { try $0.value } == [[7]])
  }
}
