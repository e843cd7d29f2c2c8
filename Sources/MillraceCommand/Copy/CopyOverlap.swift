import FilePipeline
import Glibc
import SystemPackage

/// Finds sources that a copy would write over: where a source is in the target, and what is copied has its name there.
struct CopyOverlap {
  /// By their names below the target; the empty name is the target's own.
  let sources: [[UInt8]: [UInt8]]
  let target: [UInt8]

  /// Blocks on the disk. What is put there later is not found.
  ///
  /// - Throws: a source that would be written over itself, or over another one.
  func check() throws(CopyRefusal) {
    guard let root = CopyLayout.resolved(target) else { return }
    for source in sources.values {
      for place in [CopyLayout.resolved(source), Self.place(of: source)] {
        if let place, let below = Self.components(of: place, below: root) { try check(source, below) }
      }
    }
  }

  /// Where the name itself is, which may be that of a link.
  private static func place(of source: [UInt8]) -> [UInt8]? {
    let (directory, name) = CopyLayout.split(source)
    return CopyLayout.resolved(directory).map { $0 + [UInt8(ascii: "/")] + name }
  }

  /// - Parameter below: the source's own names below the target.
  private func check(_ source: [UInt8], _ below: [ArraySlice<UInt8>]) throws(CopyRefusal) {
    for count in 0...min(1, below.count) {
      guard let other = sources[Array(below.prefix(count).joined())] else { continue }
      let rest = below.dropFirst(count)
      if rest.isEmpty && other == source {
        throw CopyRefusal(path: source, reason: "source and target are the same")
      }
      // Is there something in the other source that goes where this one is?
      let path = Array(([other[...]] + rest).joined(separator: [UInt8(ascii: "/")]))
      if Self.exists(path) {
        throw CopyRefusal(path: source, reason: "\(QuotedName.text(path)) would be written over it")
      }
    }
  }

  private static func exists(_ path: [UInt8]) -> Bool {
    var status = stat()
    return FilePath(bytes: path).withPlatformString { lstat($0, &status) } == 0
  }

  /// Both paths are without links. Nil if it is not below; empty for the directory itself.
  private static func components(of path: [UInt8], below directory: [UInt8]) -> [ArraySlice<UInt8>]? {
    let slash = UInt8(ascii: "/")
    let prefix = directory.last == slash ? directory : directory + [slash]
    if path == directory { return [] }
    guard path.starts(with: prefix) else { return nil }
    return path[prefix.count...].split(separator: slash)
  }
}
