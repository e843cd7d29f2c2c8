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
    if getuid() != 0 { try Test.cancel("only root may mount a file system") }
    let script = "mount -t \(type) -o \(options) none /mnt && echo ready && exec sleep 600"
    child = try ChildProcess(["/usr/bin/env", "unshare", "--mount", "sh", "-c", script].map { Array($0.utf8) })
    path = "/proc/\(child.identifier)/root/mnt"
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
