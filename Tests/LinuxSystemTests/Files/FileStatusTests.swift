import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct FileStatusTests {
  private let memory = FileStatus.Memory()

  @Test func every_field_is_what_stat_says() throws {
    var expected = stat()
    try #require(fstatat(AT_FDCWD, "/proc/self/exe", &expected, 0) == 0)
    #expect(readStatus(AT_FDCWD, "/proc/self/exe", followSymbolicLink: true, into: memory) == 0)
    let status = memory.status
    #expect(status.kind == .regular && status.permissions.rawValue == expected.st_mode & 0o7777)
    #expect(status.owner == expected.st_uid && status.group == expected.st_gid)
    #expect(status.size == Int64(expected.st_size) && status.inode == UInt64(expected.st_ino))
    #expect(status.allocatedSize == Int64(expected.st_blocks) * 512 && status.linkCount == UInt32(expected.st_nlink))
    #expect(status.changed == .seconds(expected.st_ctim.tv_sec) + .nanoseconds(expected.st_ctim.tv_nsec))
  }

  @Test func a_link_is_followed_only_if_that_is_asked_for() {
    #expect(readStatus(AT_FDCWD, "/proc/self", followSymbolicLink: false, into: memory) == 0)
    #expect(memory.status.kind == .symbolicLink)
    #expect(readStatus(AT_FDCWD, "/proc/self", followSymbolicLink: true, into: memory) == 0)
    #expect(memory.status.kind == .directory)
  }

  @Test func names_are_relative_to_a_directory_and_errors_those_of_the_call() throws {
    let directory = try FileDescriptor.open("/dev", .readOnly)
    defer { try? directory.close() }
    #expect(readStatus(directory.rawValue, "null", followSymbolicLink: false, into: memory) == 0)
    #expect(memory.status.kind == .characterDevice)
    #expect(readStatus(directory.rawValue, "no such", followSymbolicLink: false, into: memory) == -ENOENT)
    #expect(readStatus(directory.rawValue, "null/x", followSymbolicLink: false, into: memory) == -ENOTDIR)
    #expect(readStatus(-1, "null", followSymbolicLink: false, into: memory) == -EBADF)
  }

  @Test func sizes_that_no_disk_has_are_clamped() {
    for blocks in [UInt64.max, UInt64.max / 512, 1 << 60] {
      memory.address.pointee.block_count = blocks
      #expect(memory.status.allocatedSize == .max)
    }
    memory.address.pointee.block_count = 3
    #expect(memory.status.allocatedSize == 1536)
  }
}
