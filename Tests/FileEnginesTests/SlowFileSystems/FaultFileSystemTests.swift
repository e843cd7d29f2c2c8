import FileTestSupport
import Glibc
import TestTurns
import Testing

/// What the tests beside this one stand on.
@Suite(.inTurn, .needsFaultFileSystem, .timeLimit(.minutes(5)))
struct FaultFileSystemTests {
  @Test func plain_calls_see_what_the_layout_says() async throws {
    try await withFaultFileSystem(["d/file 5000", "d/failing 10 readerr=5", "d/hanging 10 fdirect,readhang"]) {
      mounted in
      let listed = Set(TemporaryDirectory.names(in: mounted.path("d")).map { String(decoding: $0, as: UTF8.self) })
      #expect(listed == ["file", "failing", "hanging"])
      #expect(plainRead(mounted.path("d/file")) == FaultFileSystem.contents("file", size: 5000))
      #expect(plainRead(mounted.path("d/failing")) == nil && errno == EIO)
      let isAnswered = Task.detached { plainRead(mounted.path("d/hanging")) == nil }
      try await mounted.wait(forWaiting: 1)
      mounted.release()
      #expect(await isAnswered.value)
      let statistics = try mounted.statistics()
      #expect(statistics["mostWaiting"] == 1)
    }
  }

  /// execve(2) closes what a child process has inherited, and posix_spawn(3) returns only after that.
  @Test func flush_hangs_for_who_has_opened_the_file_alone() async throws {
    try await withFaultFileSystem(["hanging 10 flushhang"]) { mounted in
      let file = mounted.path("hanging").withCString { open($0, O_RDONLY | O_CLOEXEC) }
      try #require(file >= 0)
      _ = try await ChildProcess([Array("/bin/true".utf8)]).outcome()
      let statistics = try mounted.statistics()
      #expect(statistics["flushes"]! > 0 && statistics["mostWaiting"] == 0)
      let closing = Task.detached { close(file) }
      try await mounted.wait(forWaiting: 1)
      mounted.release()
      #expect(await closing.value != 0)
    }
  }

  @Test func nothing_is_left_of_a_mount_where_a_request_hangs() async throws {
    let (path, reading) = try await withFaultFileSystem(["hanging 10 fdirect,readhang"], options: ["nointr"]) {
      mounted in
      let path = mounted.path("hanging")
      let reading = Task.detached { plainRead(path) == nil }
      try await mounted.wait(forWaiting: 1)
      return (mounted.path, reading)
    }
    #expect(await reading.value)
    #expect(path.withCString { access($0, F_OK) } != 0)
  }
}

/// The file's bytes by read(2); nil with the errno of what failed.
private func plainRead(_ path: [UInt8]) -> [UInt8]? {
  let file = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
  if file < 0 { return nil }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = read(file, &bytes, bytes.count)
  let error = errno
  close(file)
  errno = error
  return count < 0 ? nil : Array(bytes.prefix(count))
}
