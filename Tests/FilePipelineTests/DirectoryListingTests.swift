import FileTestSupport
import IOUring
import SystemPackage
import Testing

@testable import FilePipeline

struct DirectoryListingTests {
  @Test func names_have_a_limit_and_those_before_it_are_given() throws {
    let directory = try TemporaryDirectory()
    for number in 100..<200 { try directory.write([], to: "file \(number)") }
    let descriptor = try FileDescriptor.open(FilePath(directory.string), .readOnly)
    defer { try? descriptor.close() }
    let buffer = IOBuffer(capacity: 1 << 16)
    // Each with its NUL.
    let limited = DirectoryListing(descriptor, through: buffer, mostNameBytes: 20 * "file 100.".utf8.count)
    #expect(limited.failure == .overflow && limited.entries.count == 20)
    try descriptor.seek(offset: 0, from: .start)
    let whole = DirectoryListing(descriptor, through: buffer)
    #expect(whole.failure == nil && whole.entries.count == 100)
  }
}
