import Foundation
import Glibc
import Testing

/// A file system of a test's own, in the mount namespace of a child process and seen through /proc: it goes with the child.
struct MountedFileSystem {
  let path: String
  private let child = Process()
  private let input = Pipe()

  /// - Parameters:
  ///   - type: one that needs no device.
  ///   - options: as mount(8) takes them.
  init(_ type: String, options: String = "defaults") throws {
    if getuid() != 0 { try Test.cancel("only root may mount a file system") }
    let output = Pipe()
    child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = "mount -t \(type) -o \(options) none /mnt && echo ready && exec cat"
    child.arguments = ["unshare", "--mount", "sh", "-c", script]
    child.standardInput = input
    child.standardOutput = output
    try child.run()
    path = "/proc/\(child.processIdentifier)/root/mnt"
    if output.fileHandleForReading.availableData.isEmpty {
      child.waitUntilExit()
      try Test.cancel("a file system cannot be mounted here")
    }
  }

  func end() {
    try? input.fileHandleForWriting.close()
    child.waitUntilExit()
  }
}
