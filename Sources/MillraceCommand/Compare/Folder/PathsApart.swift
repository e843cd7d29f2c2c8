import ArgumentParser
import FilePipeline
import Glibc
import SystemPackage

/// What is copied and where to must not be in one another, nor what is copied twice.
enum PathsApart {
  /// Looks at the paths; blocks on the disk. A path that leads to nothing is nothing's part.
  ///
  /// - Throws: `ValidationError` for the first that is in another.
  static func check(sources: [[UInt8]], directory: [UInt8]) throws {
    let resolved = sources.compactMap { source in resolve(source).map { (given: source, path: $0) } }
    if let target = resolveParent(of: directory) {
      for source in resolved {
        if isOrIsIn(target, source.path) { throw refusal(directory, "of --into is in", source.given) }
        if isOrIsIn(source.path, target) { throw refusal(source.given, "is in that of --into,", directory) }
      }
    }
    // With a slash behind each, what is in a directory follows it with nothing else in between.
    let sorted = resolved.map { (given: $0.given, path: $0.path + [slash]) }
      .sorted { $0.path.lexicographicallyPrecedes($1.path) }
    for (outer, inner) in zip(sorted, sorted.dropFirst()) where inner.path.starts(with: outer.path) {
      throw refusal(inner.given, "is, or is in,", outer.given)
    }
  }

  private static func refusal(_ inner: [UInt8], _ relation: String, _ outer: [UInt8]) -> ValidationError {
    ValidationError("\(QuotedName.text(inner)) \(relation) \(QuotedName.text(outer)).")
  }

  private static let slash = UInt8(ascii: "/")

  private static func isOrIsIn(_ path: [UInt8], _ directory: [UInt8]) -> Bool {
    path == directory || path.starts(with: directory.last == slash ? directory : directory + [slash])
  }

  /// Without symbolic links; nil if it leads to nothing.
  private static func resolve(_ path: [UInt8]) -> [UInt8]? {
    guard let resolved = FilePath(bytes: path).withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    return Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }

  /// The same for a directory that need not be there.
  private static func resolveParent(of path: [UInt8]) -> [UInt8]? {
    if let resolved = resolve(path) { return resolved }
    let path = FilePath(bytes: path)
    guard let name = path.lastComponent else { return nil }
    let parent = path.removingLastComponent().bytes
    return resolve(parent.isEmpty ? [UInt8(ascii: ".")] : parent).map { FilePath(bytes: $0).appending(name).bytes }
  }
}
