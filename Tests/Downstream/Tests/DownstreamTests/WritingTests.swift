import FilePipeline
import Foundation
import Testing

/// Trees that a package of its own writes, with stages behind the writing.
struct WritingTests {
  private static let data = FilePath(
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../SampleData").standardized.path)

  private func withTarget<R>(_ body: (FilePath) async throws -> R) async throws -> R {
    let target = FilePath(NSTemporaryDirectory()).appending("downstream-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: target.string) }
    return try await body(target)
  }

  @Test func upper_case_is_written_below_the_target() async throws {
    try await withTarget { target in
      let count = try await writeUppercase(of: Self.data, to: target)
      let written = try await FilePipeline.files(under: target).reduce {
        LineReduction(into: 0) { $0 += $1.bytes.byteCount + 1 }
      }
      .collect()
      #expect(count > 0 && !written.isEmpty)
      #expect(written.allSatisfy { $0.path.extension == "upper" })
      let story = try String(contentsOfFile: target.appending("the-mill-at-lowwater.txt.upper").string, encoding: .utf8)
      #expect(story.contains("THE MILL"))
    }
  }

  @Test func a_tree_is_compressed_as_gzip_reads_it() async throws {
    try await withTarget { target in
      let files = try await FilePipeline.files(under: Self.data).count()
      #expect(try await compress(Self.data, into: target) == files)
      let gunzip = Process()
      gunzip.executableURL = URL(filePath: "/bin/sh")
      gunzip.arguments = ["-c", "gzip -dr \"$0\" && diff -r \"$0\" \"$1\"", target.string, Self.data.string]
      try gunzip.run()
      gunzip.waitUntilExit()
      #expect(gunzip.terminationStatus == 0)
    }
  }
}
