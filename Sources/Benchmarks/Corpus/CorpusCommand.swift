import ArgumentParser
import SystemPackage

/// `corpus`: a tree of files as large as a measurement needs it.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Makes a tree of many files to measure with.",
    discussion: """
      The same options make the same tree, byte for byte, on every machine. A tree of more files begins with the \
      files of a tree of fewer.
      """
  )

  @Option(help: "How many regular files to make.")
  var files: Int

  @Option(help: "How large they are: nothing, 100 bytes, as in source code (20 kB on average), or 64 MiB each.")
  var sizes = CorpusSizes.source

  @Option(help: "Where the pseudo-random numbers start.")
  var seed: UInt64 = 1

  @Argument(help: "The directory to make; it must be new or empty.", completion: .directory)
  var directory: String

  /// More files than this are a slip of the finger: they would take hours, and inodes that few file systems have.
  private static let mostFiles = 100_000_000

  /// The most that one call of `write` is given, in bytes. A guess, far above the point where it matters.
  private static let pieceSize = 1 << 20

  func validate() throws {
    guard (0...Self.mostFiles).contains(files) else {
      throw ValidationError("The number of files must be between 0 and \(Self.mostFiles).")
    }
    guard !directory.isEmpty else {
      throw ValidationError("The directory needs a name.")
    }
  }

  func run() throws {
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
    print("files: \(files), folders: \(layout.folderCount), bytes: \(bytes)")
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
