import FileEngines
import Glibc
import SystemPackage
import Testing

/// A mounted file system of made-up files that are slow, hang, fail or lie: a FUSE file system, and the process that
/// serves it. `Tests/FaultFileSystem/main.c` says what there is.
public final class FaultFileSystem: Sendable {
  /// Where it is mounted.
  public let path: [UInt8]
  private let directory: TemporaryDirectory
  private let server: ChildProcess

  fileprivate init(_ layout: [String], _ options: [String]) async throws {
    directory = try TemporaryDirectory()
    path = try directory.makeDirectory("mount")
    let text = layout.joined(separator: "\n") + "\n"
    let layoutPath = try directory.write(text.utf8, to: "layout")
    let program = Array(builtExecutable("fault-file-system").utf8)
    server = try ChildProcess([program, path, layoutPath] + options.map { Array($0.utf8) })
    await server.waitForOutput(lines: 1)
  }

  /// The file system's end, however much waits for it.
  fileprivate func end() async {
    server.send(SIGTERM)
    _ = try? await server.outcome()
    // As it is when the server could not do so itself.
    _ = path.withCString { umount2($0, Int32(MNT_DETACH)) }
  }

  /// Whether it was mounted, and is.
  public var isMounted: Bool { !server.hasEnded }

  public var string: String { String(decoding: path, as: UTF8.self) }

  public func path(_ name: String) -> [UInt8] { path + Array("/\(name)".utf8) }

  /// Files of one directory as a walk would have them that had listed it, the root by default.
  public func listed(_ names: [String], in directory: String = "") throws -> [FileReference] {
    let listed = try listedDirectory(
      directory.isEmpty ? path : path(directory), names: names.map { Array($0.utf8) })
    var start = 0
    return names.map { name in
      defer { start += name.utf8.count + 1 }
      return FileReference(in: listed, start: start, count: name.utf8.count, inode: 1, listedKind: .regular)
    }
  }

  /// What a file holds, by the last component of its path and its size.
  public static func contents(_ name: String, size: Int) -> [UInt8] {
    let sum = name.utf8.reduce(0) { $0 &+ Int($1) }
    // The period of the one factor is 256, of the other 4,096 bytes: a debug build takes seconds to compute every byte.
    let line = (0..<256).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var contents: [UInt8] = []
    for page in 0..<(size + 4095) / 4096 {
      let period = line.map { $0 &+ UInt8(truncatingIfNeeded: page &+ sum) }
      for _ in 0..<16 { contents.append(contentsOf: period) }
    }
    contents.removeLast(contents.count - size)
    return contents
  }

  /// Answers `EIO` to everything that hangs, now and from now on.
  public func release() { server.send(SIGUSR1) }

  /// Returns when so many requests wait, or more.
  public func wait(forWaiting count: Int) async throws {
    while try statistics()["waiting", default: 0] < count { await Task.yield() }
  }

  /// How often what has been asked of the server so far, and how many requests are or were waiting at a time.
  public func statistics() throws -> [String: Int] {
    let file = path(".statistics").withCString { path in retryOnInterrupt { open(path, O_RDONLY | O_CLOEXEC) } }
    try #require(file >= 0, "open: \(Errno(rawValue: errno))")
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 4096)
    let count = retryOnInterrupt { pread(file, &text, text.count, 0) }
    try #require(count > 0, "read: \(Errno(rawValue: errno))")
    let lines = String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n")
    return Dictionary(uniqueKeysWithValues: lines.map { $0.split(separator: " ") }.map { (String($0[0]), Int($0[1])!) })
  }
}

/// A signal to the process interrupts what waits for a daemon.
private func retryOnInterrupt<R: BinaryInteger>(_ call: () -> R) -> R {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// Mounts a file system as the lines of `layout` say, runs `body`, and takes it away, whatever still waits for it.
public func withFaultFileSystem<R: Sendable>(
  _ layout: [String], options: [String] = [], _ body: (FaultFileSystem) async throws -> R
) async throws -> R {
  let mounted = try await FaultFileSystem(layout, options)
  do {
    try #require(mounted.isMounted)
    let result = try await body(mounted)
    await mounted.end()
    return result
  } catch {
    await mounted.end()
    throw error
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips aloud where no FUSE file system can be mounted: for want of root's rights, or of `/dev/fuse`, as in most
  /// containers. In CI only the former is an excuse.
  public static var needsFaultFileSystem: Self {
    .enabled("a FUSE file system can be mounted here (root, and /dev/fuse)") {
      geteuid() == 0 && (TestExpectation.isCI || canMount)
    }
  }
}

/// Tried without the server, whose faults are not to be taken for a system without FUSE: the kernel mounts, and waits
/// for no answer.
private let canMount: Bool = {
  let device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
  guard device >= 0, let directory = try? TemporaryDirectory() else { return false }
  defer { close(device) }
  let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0"
  return directory.path.withCString { path in
    if mount("none", path, "fuse", 0, options) != 0 { return false }
    return umount2(path, Int32(MNT_DETACH)) == 0
  }
}()
