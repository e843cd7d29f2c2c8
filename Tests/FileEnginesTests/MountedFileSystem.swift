import FileTestSupport
import Glibc
import Testing

/// A file system of a test's own, in the mount namespace of a child process and seen through /proc: it goes with the
/// child.
struct MountedFileSystem {
  let path: String
  private let child: ChildProcess

  /// - Parameters:
  ///   - type: one that needs no device.
  ///   - options: as mount(8) takes them.
  init(_ type: String, options: String = "defaults") async throws {
    try await self.init(by: "mount -t \(type) -o \(options) none /mnt", at: "/mnt")
  }

  /// An ext4 of 32 MiB on a disk that has room for 2 MiB: what is written beyond that is in memory until it is to reach
  /// the disk, and that fails.
  static func onFailingDisk() async throws -> MountedFileSystem {
    let script = """
      mount -t tmpfs -o size=2m none /mnt && cd /mnt && truncate -s 32M disk && mke2fs -q -t ext4 -O ^has_journal disk \
      && mkdir at && mount -o loop disk at
      """
    return try await MountedFileSystem(by: script, at: "/mnt/at")
  }

  private init(by script: String, at place: String) async throws {
    if getuid() != 0 { try Test.cancel("only root may mount a file system") }
    let whole = "\(script) && echo ready && exec sleep 600"
    child = try ChildProcess(["/usr/bin/env", "unshare", "--mount", "sh", "-c", whole].map { Array($0.utf8) })
    path = "/proc/\(child.identifier)/root\(place)"
    await child.waitForOutput(lines: 1)
    if child.hasEnded { try Test.cancel("a file system cannot be mounted here") }
  }

  /// An overlayfs whose upper and lower layer are in a directory, which is to be on a disk.
  ///
  /// - Parameter lower: another directory for the lower layer.
  init(overlayOf layers: TemporaryDirectory, lower: String? = nil) async throws {
    for layer in ["lower", "upper", "work"] { _ = try layers.makeDirectory(layer) }
    let root = layers.string
    let lower = lower ?? "\(root)/lower"
    try await self.init("overlay", options: "lowerdir=\(lower),upperdir=\(root)/upper,workdir=\(root)/work")
  }

  var freeBytes: UInt {
    var status = statvfs()
    return statvfs(path, &status) == 0 ? status.f_bavail * status.f_bsize : 0
  }

  func end() {
    child.send(SIGKILL)
  }
}
