import ArgumentParser
import FilePipeline
import SystemPackage

/// Refuses paths of a comparison that writes: the directory of `--into` and a source must not be within one another,
/// nor a source within another one.
enum CompareOverlap {
  /// Resolves the paths; blocks on the disk. A path that leads to nothing overlaps with nothing.
  ///
  /// - Throws: `ValidationError` for the first that is within another.
  static func check(sources: [[UInt8]], directory: [UInt8]) throws {
    let resolved = sources.compactMap { source in ResolvedPath(source).map { (given: source, path: $0) } }
    if let target = resolveFuture(directory) {
      for source in resolved {
        if target.isWithin(source.path) { throw refusal(directory, "of --into is in", source.given) }
        if source.path.isWithin(target) { throw refusal(source.given, "is in that of --into,", directory) }
      }
    }
    // With a slash after each, the entries of a directory follow it in the order with nothing in between.
    let slash = UInt8(ascii: "/")
    let sorted = resolved.map { (given: $0.given, path: $0.path.bytes + [slash]) }
      .sorted { $0.path.lexicographicallyPrecedes($1.path) }
    for (outer, inner) in zip(sorted, sorted.dropFirst()) where inner.path.starts(with: outer.path) {
      throw refusal(inner.given, "is, or is in,", outer.given)
    }
  }

  private static func refusal(_ inner: [UInt8], _ relation: String, _ outer: [UInt8]) -> ValidationError {
    ValidationError("\(QuotedName.text(inner)) \(relation) \(QuotedName.text(outer)).")
  }

  /// Resolves a directory that need not exist, in one that does.
  private static func resolveFuture(_ path: [UInt8]) -> ResolvedPath? {
    if let resolved = ResolvedPath(path) { return resolved }
    let path = FilePath(bytes: path)
    guard let name = path.lastComponent else { return nil }
    let parent = path.removingLastComponent().bytes
    return ResolvedPath(parent.isEmpty ? [UInt8(ascii: ".")] : parent)
      .map { ResolvedPath($0, appending: FilePath(root: nil, [name]).bytes) }
  }
}
