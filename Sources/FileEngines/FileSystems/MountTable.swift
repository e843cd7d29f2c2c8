import Glibc
import LinuxSystem
import SystemPackage

/// The mounts that the process can see, as /proc/self/mountinfo has them: proc_pid_mountinfo(5). The kernel answers by
/// itself: no daemon and no server is asked.
struct MountTable {
  /// By the mount's number, as far as names of file systems tell.
  private var kinds: [UInt64: FileSystemKind] = [:]
  /// Whether a daemon or a server has something mounted; true where there is no table.
  private(set) var isAnySlow = true
  /// The options of overlayfs mounts whose layers have not been looked at, and which mount is at a path. Both are kept
  /// only where a layer may be slow.
  private var overlays: [UInt64: ArraySlice<UInt8>] = [:]
  private var mounts: [[UInt8]: UInt64] = [:]
  /// Kept open: poll(2) tells of each change once, to one descriptor. It stands for the mount namespace that it was
  /// opened in, and in another the numbers are others.
  private var file: FileDescriptor?
  var descriptor: Int32? { file?.rawValue }

  /// Reads the table, unless it is known and has not changed since.
  mutating func update() {
    if let file, !Self.hasChanged(file) { return }
    if file == nil { file = Self.open() }
    guard let file, let text = try? Self.contents(of: file) else { return forget() }
    take(text)
  }

  /// Without /proc, or a descriptor for it.
  private mutating func forget() {
    try? file?.close()
    self = MountTable()
  }

  private static func open() -> FileDescriptor? {
    let descriptor = DescriptorReserve.withHeadroom {
      negatedErrno { Glibc.open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC) }
    }
    return descriptor < 0 ? nil : FileDescriptor(rawValue: descriptor)
  }

  /// True, too, if the kernel cannot say: EINTR.
  private static func hasChanged(_ file: FileDescriptor) -> Bool {
    var request = pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0)
    return poll(&request, 1, 0) != 0
  }

  /// The kernel gives a page at a time, and a machine full of containers has some thousand lines of 200 bytes.
  private static let pieceSize = 64 * 1024
  /// What comes behind is not looked at: 100,000 mounts, the kernel's own limit (fs.mount-max), are not as much.
  private static let mostBytes = 64 << 20

  private static func contents(of file: FileDescriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceSize)
    while bytes.count < mostBytes {
      let count = try piece.withUnsafeMutableBytes {
        try file.read(fromAbsoluteOffset: Int64(bytes.count), into: $0, retryOnInterrupt: false)
      }
      if count == 0 { break }
      bytes += piece.prefix(count)
    }
    return bytes
  }
}

// MARK: The text

extension MountTable {
  /// Replaces what is known.
  ///
  /// - Parameter text: lines such as `36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw`. They are bytes:
  ///   of characters a path may have one that includes the space behind it.
  mutating func take(_ text: some Sequence<UInt8>) {
    (kinds, overlays, mounts) = ([:], [:], [:])
    for line in Array(text).split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "))
      // Between the sixth field and the dash there is any number of others.
      guard fields.count > 6, let mount = UInt64(String(decoding: fields[0], as: UTF8.self)),
        let dash = fields[6...].firstIndex(where: { $0.elementsEqual("-".utf8) }), dash + 1 < fields.count
      else { continue }
      let kind = FileSystemKind(name: String(decoding: fields[dash + 1], as: UTF8.self))
      kinds[mount] = kind
      // What is mounted later hides what was there.
      mounts[Self.unescaped(fields[4])] = mount
      if kind == .layers { overlays[mount] = fields.last }
    }
    isAnySlow = kinds.values.contains { $0.callsMayWait }
    if !isAnySlow { (overlays, mounts) = ([:], [:]) }
  }

  /// Nil for a mount that is not in the table. An overlayfs is treated as the slowest of its layers, as far as the
  /// paths in its options lead to them in this mount namespace.
  mutating func kind(of mount: UInt64) -> FileSystemKind? {
    if !overlays.isEmpty, let options = overlays.removeValue(forKey: mount) {
      for path in Self.layers(in: options) where kind(at: path)?.callsMayWait == true { kinds[mount] = .daemon }
    }
    return kinds[mount]
  }

  private static let slash = UInt8(ascii: "/")

  private mutating func kind(at path: ArraySlice<UInt8>) -> FileSystemKind? {
    var path = path
    while let end = path.lastIndex(of: Self.slash) {
      if let mount = mounts[Array(path)] { return kind(of: mount) }
      path = path[..<end]
    }
    return mounts[[Self.slash]].flatMap { kind(of: $0) }
  }

  /// The absolute paths among those of the layers: `lowerdir=A:B,upperdir=C`, or `lowerdir+=A,lowerdir+=B`.
  private static func layers(in options: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    options.split(separator: UInt8(ascii: ",")).flatMap { option in
      let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1)
      let keys = ["lowerdir", "lowerdir+", "datadir+", "upperdir"]
      guard parts.count == 2, keys.contains(where: { parts[0].elementsEqual($0.utf8) }) else {
        return [ArraySlice<UInt8>]()
      }
      // A colon in a name has a backslash before it. Such a path is not looked at.
      return unescaped(parts[1]).split(separator: UInt8(ascii: ":")).filter { $0.first == slash }
    }
  }

  /// Spaces, commas, backslashes and the like are `\040`, three octal digits of the byte.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let escaped = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
        bytes.append(escaped)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}
