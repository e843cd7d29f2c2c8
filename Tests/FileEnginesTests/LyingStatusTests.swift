import Glibc
import SystemPackage
import Testing

@testable import FileEngines
@testable import IOUring

/// What a file system in user space may say of a file, which the kernel passes on.
struct LyingStatusTests {
  private static func file(size: Int) -> OpenFile {
    var status = stat()
    status.st_size = size
    let descriptor = OwnedDescriptor(ownedElsewhere: FileDescriptor(rawValue: -1))
    var file = OpenFile(FileReference(path: [1]), status, descriptor, on: .local)
    file.isDirect = true
    return file
  }

  @Test(arguments: [Int.max, .max - 1, .max - 4095, .max - 4096, .max / 2])
  func a_size_that_no_disk_has_is_asked_for_by_the_buffer(_ size: Int) {
    let file = Self.file(size: size)
    let buffer = IOBuffer(capacity: 8192)
    #expect(file.request(of: buffer, at: 0) == 8192)
    #expect(file.request(of: buffer, at: Int64(size)) <= 8192)
  }

  @Test func a_direct_read_asks_for_a_byte_more_than_there_should_be() {
    let buffer = IOBuffer(capacity: 8192)
    let expected = [(0, 4096), (1, 4096), (4095, 4096), (4096, 8192), (8191, 8192), (8192, 8192), (100_000, 8192)]
    for (size, count) in expected { #expect(Self.file(size: size).request(of: buffer, at: 0) == count) }
  }

  @Test(arguments: [FileSystemKind.local, .memory, .layers, .server, .daemon])
  func a_ring_is_kept_from_asking_a_server_as_it_submits(_ kind: FileSystemKind) {
    let descriptor = FileDescriptor(rawValue: open("/dev/null", O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    let file = OpenFile(FileReference(path: [1]), stat(), OwnedDescriptor(descriptor), on: kind)
    file.keepReadsOffSubmission()
    let isNonblocking = fcntl(file.descriptor.rawValue, F_GETFL) & O_NONBLOCK != 0
    #expect(isNonblocking == (kind != .server))
  }

  @Test func numbers_of_blocks_are_compared_whatever_they_are() {
    let cases: [(blocks: Int, size: Int, isSparse: Bool)] = [
      (0, 0, false), (0, 1, true), (1, 1, false), (1, 512, false), (1, 513, true), (2, 513, false),
      (.max, .max, false), (.max, 0, false), (0, .max, true), (-1, 0, true), (.min, 1, true),
    ]
    for (blocks, size, isSparse) in cases {
      var status = stat()
      (status.st_blocks, status.st_size) = (blocks, size)
      #expect(FileCopy.isSparse(status) == isSparse, "\(blocks) blocks, \(size) bytes")
    }
  }
}
