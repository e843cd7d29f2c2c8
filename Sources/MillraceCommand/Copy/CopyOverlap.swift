import FilePipeline
import Glibc
import SystemPackage

/// Finds sources that a copy would overwrite: a source within the target, under the name of a copy.
struct CopyOverlap {
  /// The sources by their names below the target; the empty name is the target itself.
  let sources: [[UInt8]: [UInt8]]
  let target: [UInt8]

  /// Blocks on the disk. Files that appear later are not found.
  ///
  /// - Throws: if a source would overwrite itself or another one.
  func check() throws(CopyRefusal) {
    guard let root = ResolvedPath(target) else { return }
    for source in sources.values {
      for path in [ResolvedPath(source), Self.resolvedName(source)] {
        if let below = path?.components(below: root) { try check(source, below) }
      }
    }
  }

  /// The path of the name itself, which may be that of a symbolic link.
  private static func resolvedName(_ source: [UInt8]) -> ResolvedPath? {
    let (directory, name) = CopyLayout.split(source)
    return ResolvedPath(directory).map { ResolvedPath($0, appending: name) }
  }

  /// - Parameter below: the source's own names below the target.
  private func check(_ source: [UInt8], _ below: [ArraySlice<UInt8>]) throws(CopyRefusal) {
    for count in 0...min(1, below.count) {
      guard let other = sources[Array(below.prefix(count).joined())] else { continue }
      let rest = below.dropFirst(count)
      if rest.isEmpty && other == source {
        throw CopyRefusal(path: source, reason: "source and target are the same")
      }
      // Does the other source have an entry whose copy would replace this source?
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
}
