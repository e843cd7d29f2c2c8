import FileTestSupport
import Glibc
import Testing

/// Child processes under resource limits.
enum ScarceResources {
  /// A user ID without other processes: derived from the ID of this process.
  private static let user = 200_000 + Int(getpid())
  private static let asUser = "setpriv --reuid \(user) --clear-groups"
  private static let withoutProc = "unshare --mount sh -c 'umount -l /proc && exec \"$@\"' sh"

  /// Each is tried once. Both need root, whose own threads are not limited.
  static let threadsCanBeScarce = Task { try await Millrace.shell("\(asUser) prlimit --nproc=9 true").status == 0 }
  static let procCanBeMissing = Task { try await Millrace.shell("\(withoutProc) true").status == 0 }
  /// Sanitizers reserve terabytes.
  static let addressSpaceCanBeScarce = Task {
    try await Millrace.shell("ulimit -v 2000000; $MILLRACE --version").status == 0
  }

  /// - Parameters:
  ///   - count: how many threads the command may have, the main thread included.
  ///   - command: a simple command, since it follows another one.
  static func shell(
    threads count: Int, _ command: String, in directory: TemporaryDirectory
  ) async throws -> ChildProcess.Outcome {
    try directory.setMode(0o755, of: bytes("."))
    return try await Millrace.shell("timeout 300 \(asUser) prlimit --nproc=\(count) \(command)", in: directory)
  }

  /// - Parameter limit: the limit on address space, in KiB.
  static func shell(
    addressSpace limit: Int, _ command: String, in directory: TemporaryDirectory
  ) async throws -> ChildProcess.Outcome {
    try await Millrace.shell("ulimit -v \(limit); timeout 300 \(command)", in: directory)
  }

  static func shellWithoutProc(
    _ command: String, in directory: TemporaryDirectory
  ) async throws -> ChildProcess.Outcome {
    try await Millrace.shell("\(withoutProc) \(command)", in: directory)
  }
}

extension Trait where Self == ConditionTrait {
  static var needsScarceThreads: Self {
    .enabled("only root can become a user whose threads are counted, with setpriv(1) and prlimit(1)") {
      try await ScarceResources.threadsCanBeScarce.value
    }
  }

  static var needsMissingProc: Self {
    .enabled("only root can unmount /proc, in a mount namespace of unshare(1)") {
      try await ScarceResources.procCanBeMissing.value
    }
  }

  static var needsScarceAddressSpace: Self {
    .enabled("the program cannot be run in two gigabytes of address space") {
      try await ScarceResources.addressSpaceCanBeScarce.value
    }
  }
}
