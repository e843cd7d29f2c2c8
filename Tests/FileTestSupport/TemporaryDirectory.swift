import Glibc
import SystemPackage

/// A directory of a test's own, which goes with the object. Names are bytes, so that they can be hostile.
public final class TemporaryDirectory: Sendable {
  public let path: [UInt8]

  public enum Medium {
    case memory, disk

    /// `/dev/shm` is a tmpfs on every ordinary Linux, and too small in some containers.
    ///
    /// On ext4 a new inode costs a look at each that was removed within the last minutes: more than half of the time
    /// that the tests of the command and of the pipeline spent in the kernel. A full run makes everything on the disk
    /// all the same.
    var parent: String { self == .memory && !TestExpectation.isFull && Self.hasMemory ? "/dev/shm" : "/tmp" }

    private static let hasMemory: Bool = {
      var status = statvfs()
      let isThere = statvfs("/dev/shm", &status) == 0 && access("/dev/shm", W_OK | X_OK) == 0
      return isThere && status.f_bavail * status.f_bsize >= 1 << 30
    }()
  }

  /// - Parameter medium: what engines do on a disk they can be seen to do only there.
  public convenience init(_ medium: Medium = .memory) throws(Errno) {
    try self.init(in: medium.parent)
  }

  /// - Parameter parent: where to make it.
  public init(in parent: String) throws(Errno) {
    var template = Array("\(parent)/millrace-XXXXXX".utf8CString)
    if mkdtemp(&template) == nil { throw Errno(rawValue: errno) }
    path = template.dropLast().map { UInt8(bitPattern: $0) }
  }

  deinit {
    Self.remove(path)
  }

  public var string: String { String(decoding: path, as: UTF8.self) }

  /// The path of `name`, which may have several components.
  public func path(_ name: some Collection<UInt8>) -> [UInt8] { path + [UInt8(ascii: "/")] + name }
  public func path(_ name: String) -> [UInt8] { path(Array(name.utf8)) }

  // MARK: Making things

  /// Makes a file, or overwrites it. Returns its path.
  @discardableResult
  public func write(_ bytes: some Collection<UInt8>, to name: some Collection<UInt8>) throws(Errno) -> [UInt8] {
    let path = path(name)
    let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
    if descriptor < 0 { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: descriptor)
    defer { try? file.close() }
    do { try file.writeAll(Array(bytes)) } catch { throw error as? Errno ?? .ioError }
    return path
  }

  @discardableResult
  public func write(_ bytes: some Collection<UInt8>, to name: String) throws(Errno) -> [UInt8] {
    try write(bytes, to: Array(name.utf8))
  }

  @discardableResult
  public func makeDirectory(_ name: some Collection<UInt8>) throws(Errno) -> [UInt8] {
    try make(name) { mkdir($0, 0o755) }
  }

  @discardableResult
  public func makeDirectory(_ name: String) throws(Errno) -> [UInt8] { try makeDirectory(Array(name.utf8)) }

  @discardableResult
  public func makePipe(_ name: some Collection<UInt8>) throws(Errno) -> [UInt8] { try make(name) { mkfifo($0, 0o644) } }

  @discardableResult
  public func makePipe(_ name: String) throws(Errno) -> [UInt8] { try makePipe(Array(name.utf8)) }

  /// A socket's name in the file system.
  @discardableResult
  public func makeSocket(_ name: some Collection<UInt8>) throws(Errno) -> [UInt8] {
    try make(name) { mknod($0, S_IFSOCK | 0o644, 0) }
  }

  @discardableResult
  public func makeSocket(_ name: String) throws(Errno) -> [UInt8] { try makeSocket(Array(name.utf8)) }

  @discardableResult
  public func makeLink(_ name: some Collection<UInt8>, to target: String) throws(Errno) -> [UInt8] {
    try make(name) { symlink(target, $0) }
  }

  @discardableResult
  public func makeLink(_ name: String, to target: String) throws(Errno) -> [UInt8] {
    try makeLink(Array(name.utf8), to: target)
  }

  private func make(
    _ name: some Collection<UInt8>, _ call: (UnsafePointer<CChar>) -> Int32
  ) throws(Errno) -> [UInt8] {
    let path = path(name)
    if path.withCString(call) != 0 { throw Errno(rawValue: errno) }
    return path
  }

  // MARK: Looking and removing

  /// How many descriptors of this process lead into the directory. Tests beside this one have theirs elsewhere.
  public var openDescriptors: Int {
    Self.descriptorTargets().count { $0.starts(with: path) }
  }

  /// What the descriptors of this process lead to, as /proc has it.
  static func descriptorTargets() -> [[UInt8]] {
    names(in: Array("/proc/self/fd".utf8)).compactMap { name in
      var target = [CChar](repeating: 0, count: 4096)
      let length = (Array("/proc/self/fd/".utf8) + name).withCString { readlink($0, &target, target.count) }
      return length > 0 ? target.prefix(length).map { UInt8(bitPattern: $0) } : nil
    }
  }

  /// Whether no descriptor leads into the directory, now or soon: the threads that list directories ahead of a walk let
  /// go of theirs a moment after they have given the listing away.
  public func isLetGo() -> Bool {
    for _ in 0..<10_000 {
      if openDescriptors == 0 { return true }
      sched_yield()
    }
    return false
  }

  /// What is in a directory, without `.` and `..`, in no order.
  public static func names(in directory: [UInt8]) -> [[UInt8]] {
    guard let stream = directory.withCString({ opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      // The entry's memory ends behind its name, before the structure does: no more of it may be looked at.
      let name = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let length = strlen(name.assumingMemoryBound(to: CChar.self))
      let bytes = Array(UnsafeRawBufferPointer(start: name, count: length))
      if ![[46], [46, 46]].contains(bytes) { names.append(bytes) }
    }
    return names
  }

  private static func remove(_ path: [UInt8]) {
    if path.withCString({ unlink($0) }) == 0 { return }
    _ = path.withCString { chmod($0, 0o700) }
    for name in names(in: path) { remove(path + [UInt8(ascii: "/")] + name) }
    _ = path.withCString { rmdir($0) }
  }
}
