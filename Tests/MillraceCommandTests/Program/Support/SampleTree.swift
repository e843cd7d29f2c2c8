import Glibc
import SystemPackage

/// A tree of names and sizes that a reader may mishandle.
enum SampleTree {
  /// Around the engines' read buffer, and around two of them.
  private static let sizes = [0, 1, 2, 127, 4095, 4096, 4097] + [131_072, 262_144].flatMap { [$0 - 1, $0, $0 + 1] }

  /// - Parameter tree: the directory to fill; by default a new one.
  static func make(in tree: TemporaryDirectory? = nil) throws -> TemporaryDirectory {
    let tree = try tree ?? TemporaryDirectory()
    for (index, size) in sizes.enumerated() { try tree.write(content(size), to: bytes("size \(index)")) }
    let longest = [UInt8](repeating: UInt8(ascii: "n"), count: 255)
    for (index, name) in (hostileNames + [longest]).enumerated() {
      try tree.write(content(10 * index + 1), to: name)
    }
    // Directories among files that sort before and after them: `-` is less than `/`, and `0` is greater.
    for directory in ["d", "d/e", "empty"].map(bytes) + [[0xFE], bytes("new\nline")] {
      try tree.makeDirectory(directory)
    }
    for name in ["d-", "d0", "d/-", "d/e-", "d/e/f", "d/e0"] { try tree.write(bytes(name), to: bytes(name)) }
    for name in hostileNames.prefix(30) {
      try tree.write(content(3), to: [0xFE, UInt8(ascii: "/")] + name)
      try tree.write(content(4), to: bytes("new\nline/") + name)
    }
    return tree
  }

  /// Bytes with some text among them, which differ from one block of 128 KiB to the next.
  static func content(_ size: Int) -> [UInt8] {
    var random = SplitMix64(state: UInt64(size))
    var content: [UInt8] = []
    content.reserveCapacity(size + 8)
    while content.count < size {
      withUnsafeBytes(of: random.next()) { content += $0 }
      if content.count.isMultiple(of: 3) { content += bytes(" \n") }
    }
    return Array(content.prefix(size))
  }
}

extension TemporaryDirectory {
  func makeDirectory(_ name: [UInt8]) throws { try call(name) { mkdir($0, 0o755) } }
  func makeFIFO(_ name: [UInt8]) throws { try call(name) { mkfifo($0, 0o600) } }
  func setMode(_ mode: mode_t, of name: [UInt8]) throws { try call(name) { chmod($0, mode) } }
  func link(_ name: [UInt8], to target: String) throws { try call(name) { symlink(target, $0) } }

  private func call(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32) throws {
    let result = (bytes(path) + bytes("/") + name + [0]).map(CChar.init(bitPattern:)).withUnsafeBufferPointer {
      body($0.baseAddress!)
    }
    if result != 0 { throw Errno(rawValue: errno) }
  }
}
