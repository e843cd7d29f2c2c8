import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing, .needs("statx"))
struct StatusTests {
  @Test func every_field_is_what_fstat_says() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      try await withFile(path, String(repeating: "x", count: 5000)) { file in
        _ = fchmod(file.rawValue, 0o4640)
        // Three different times, with nanoseconds, one of them before 1970.
        let times = [timespec(tv_sec: -5, tv_nsec: 250), timespec(tv_sec: 1_000_000_000, tv_nsec: 123_456_789)]
        _ = futimens(file.rawValue, times)
        _ = fsync(file.rawValue)
        var expected = stat()
        try #require(fstat(file.rawValue, &expected) == 0)
        try await withLoop { loop in
          let status = try await loop.perform(.status(of: path))
          #expect(status == (try await loop.perform(.status(of: file))))
          #expect(status.kind == .regular)
          #expect(status.permissions.rawValue == expected.st_mode & 0o7777)
          #expect(status.owner == expected.st_uid)
          #expect(status.group == expected.st_gid)
          #expect(status.size == 5000)
          #expect(status.allocatedSize == Int64(expected.st_blocks) * 512)
          #expect(Int(status.blockSize) == Int(expected.st_blksize))
          #expect(status.inode == expected.st_ino)
          #expect(status.linkCount == UInt32(expected.st_nlink))
          #expect(status.accessed == .seconds(-5) + .nanoseconds(250))
          #expect(status.modified == .seconds(1_000_000_000) + .nanoseconds(123_456_789))
          #expect(status.changed == .seconds(expected.st_ctim.tv_sec) + .nanoseconds(expected.st_ctim.tv_nsec))
          #expect(number(of: status.device) == UInt64(expected.st_dev))
          // The file was made in this test; some file systems do not record that.
          if let created = status.created { #expect(created <= status.changed && created > .seconds(1_000_000_000)) }
        }
      }
    }
  }

  @Test func mount_is_the_one_that_proc_names() async throws {
    try await withLoop { loop in
      guard let mount = try await loop.perform(.status(of: "/proc")).mount else {
        try Test.cancel("the kernel does not say which mount a file is on")
      }
      let mounts = try contents("/proc/self/mountinfo").split(separator: "\n")
      let isNamed = mounts.contains { $0.hasPrefix("\(mount) ") && $0.contains(" /proc ") }
      #expect(isNamed)
    }
  }

  @Test func kinds_are_told_apart() async throws {
    try await withTemporaryDirectory { directory in
      _ = mkfifo(directory.appending("fifo").string, 0o600)
      _ = symlink("fifo", directory.appending("link").string)
      try await withLoop { loop async throws in
        #expect(try await loop.perform(.status(of: directory)).kind == .directory)
        #expect(try await loop.perform(.status(of: directory.appending("fifo"))).kind == .fifo)
        #expect(try await loop.perform(.status(of: directory.appending("link"))).kind == .symbolicLink)
        #expect(
          try await loop.perform(.status(of: directory.appending("link"), followSymbolicLink: true)).kind == .fifo)
        #expect(try await loop.perform(.status(of: "/dev/null")).kind == .characterDevice)
      }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    try await withLoop { loop in
      await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.status(of: "/nowhere/at/all")) }
      await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.status(of: "")) }
      await #expect(throws: Errno.notDirectory) { try await loop.perform(.status(of: "/dev/null/x")) }
      await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.status(of: unopenedDescriptor)) }
      await #expect(throws: Errno.badFileDescriptor) {
        try await loop.perform(.status(of: "x", at: unopenedDescriptor))
      }
    }
  }

  /// The device number as a `dev_t` of the C library (makedev(3)).
  private func number(of device: FileStatus.Device) -> UInt64 {
    let (major, minor) = (UInt64(device.major), UInt64(device.minor))
    return (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
  }

  @Test func status_can_be_asked_for_by_a_bare_ring_and_in_a_chain() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      try await withFile(path, "water") { file in
        var ring = try Ring(.small)
        let memory = FileStatus.Memory()
        #expect(memory.status.size == 0)
        _ = try ring.push(.status(of: file, into: memory))
        try ring.submit(waitingFor: 1)
        ring.takeCompletions { #expect($0.result == 0) }
        #expect(memory.status.size == 5)
        try await withLoop { loop in
          let (before, after) = (FileStatus.Memory(), FileStatus.Memory())
          let chain = OperationChain(.status(of: path, into: before)).then(.unlink(path)).then(
            .status(of: file, into: after))
          #expect(await loop.perform(chain) == [.success(0), .success(0), .success(0)])
          #expect(before.status.linkCount == 1)
          #expect(after.status.linkCount == 0)
        }
      }
    }
  }
}
