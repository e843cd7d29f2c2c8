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
    // For the records of a few files at a time, 32 bytes each.
    let buffer = IOBuffer(capacity: 1024)
    let limited = DirectoryListing(descriptor, through: buffer, mostBytes: 1100)
    #expect(limited.failure == .overflow && (34...96).contains(limited.entries.count))
    try descriptor.seek(offset: 0, from: .start)
    let whole = DirectoryListing(descriptor, through: buffer)
    #expect(whole.failure == nil && whole.entries.count == 100)
  }
}
