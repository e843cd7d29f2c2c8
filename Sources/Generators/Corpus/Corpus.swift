import SystemPackage

/// A tree of files to measure with, which follows from these three values.
package struct Corpus {
  private let files: Int
  private let sizes: CorpusSizes
  private let seed: UInt64

  /// - Parameter files: how many regular files.
  package init(files: Int, sizes: CorpusSizes = .source, seed: UInt64 = 1) {
    (self.files, self.sizes, self.seed) = (files, sizes, seed)
  }

  /// The most that one call of `write` is given, in bytes. A guess, far above the point where it matters.
  private static let pieceSize = 1 << 20

  /// Writes the tree into a directory that is new or empty.
  ///
  /// - Returns: how many folders it has, the root included, and how many bytes.
  @discardableResult
  package func write(to directory: String) throws -> (folders: Int, bytes: Int) {
    try TreeWriter.requireEmpty(directory)
    var writer = try TreeWriter(root: directory)
    var layout = CorpusLayout(seed: seed)
    var text = CorpusText(seed: seed)
    var sizesDrawn = SplitMix64(seed: seed, stream: "sizes")
    var bytes = 0

    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 4096)
    defer { piece.deallocate() }
    for _ in 0..<files {
      let place = layout.next()
      let size = sizes.next(using: &sizesDrawn)
      try writer.makeFolder(place.folder)
      try writer.writeFile(place.path) { try Self.write(size, bytesOf: &text, to: $0, through: piece) }
      bytes += size
    }
    return (layout.folderCount, bytes)
  }

  /// Writes `size` bytes of text to `file`, one piece after another.
  private static func write(
    _ size: Int, bytesOf text: inout CorpusText, to file: FileDescriptor, through piece: UnsafeMutableRawBufferPointer
  ) throws {
    var left = size
    while left > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(left, piece.count)])
      text.fill(part)
      try file.writeAll(part)
      left -= part.count
    }
  }
}
