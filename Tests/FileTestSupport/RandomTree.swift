import Glibc

/// A tree with names that are hard to sort, hard to print and easy to mix up; the same for the same seed.
public enum RandomTree {
  private static let texts = [
    "a", "a-b", "a.b", "a b", "a0", "A", "aa", "longer-than-eight", "longer-than-eight-too", "longer-t", "longer-than",
    "same-start-1", "same-start-2", "same-sta", "same-star", " ", "-", "\n", "new\nline", "tab\t", "\"quoted\"", "~",
    "größe",
  ]
  private static let names = texts.map { Array($0.utf8) } + [[0xFF], [0x61, 0xFE], [0x61, 0x01], [0xC3, 0x28]]

  /// Fills the directory; returns how many regular files it made.
  public static func fill(_ directory: TemporaryDirectory, seed: UInt64, depth: Int = 4) throws -> Int {
    var random = SeededRandom(seed: seed)
    return try fill(directory, [], &random, depth)
  }

  private static func fill(
    _ directory: TemporaryDirectory, _ prefix: [UInt8], _ random: inout SeededRandom, _ depth: Int
  ) throws -> Int {
    var files = 0
    for name in names.shuffled(using: &random).prefix(Int.random(in: 3...12, using: &random)) {
      let path = prefix + name
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        let targets = ["a", "..", "/etc", String(decoding: name, as: UTF8.self)]
        try directory.makeLink(path, to: targets.randomElement(using: &random)!)
      case 1: try directory.makePipe(path)
      case 2: try directory.makeSocket(path)
      case 3...5 where depth > 0:
        try directory.makeDirectory(path)
        files += try fill(directory, path + [UInt8(ascii: "/")], &random, depth - 1)
      default:
        try directory.write([UInt8].noise(Int.random(in: 0...9000, using: &random), seed: random.next()), to: path)
        files += 1
      }
    }
    return files
  }

  /// The regular files under a directory in the byte order of their paths, found the plain way: all of them, then
  /// sorted.
  public static func files(under directory: [UInt8]) -> [[UInt8]] {
    list(directory).sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func list(_ directory: [UInt8]) -> [[UInt8]] {
    let prefix = directory.last == UInt8(ascii: "/") ? directory : directory + [UInt8(ascii: "/")]
    return TemporaryDirectory.names(in: directory).flatMap { name -> [[UInt8]] in
      var status = stat()
      _ = (prefix + name).withCString { lstat($0, &status) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return [prefix + name]
      case S_IFDIR: return list(prefix + name)
      default: return []
      }
    }
  }
}
