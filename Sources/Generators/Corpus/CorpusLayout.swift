/// Where the files of a corpus go: folders nested in folders, some with one file and some with many, as people leave
/// them.
///
/// The layout grows with the files that are asked for, so a corpus of 1,000 files begins with the corpus of 100.
struct CorpusLayout {
  /// A place for a file.
  struct Place {
    /// The folder, relative to the root; empty for the root itself.
    let folder: String

    /// The file, relative to the root.
    let path: String
  }

  /// How many folders the layout has opened, the root included.
  var folderCount: Int { folders.count }

  private var folders = [Folder(path: "", depth: 0)]
  private var filesLeft = 0
  private var fileCount = 0
  private var random: SplitMix64

  /// A folder, and how many others it lies in.
  private struct Folder {
    let path: String
    let depth: Int
  }

  /// How deep folders nest. A guess: most source trees end between five and ten.
  private static let deepest = 7

  init(seed: UInt64) {
    random = SplitMix64(seed: seed, stream: "layout")
    filesLeft = Self.filesInFolder(using: &random)
  }

  /// The place of the next file. No two are the same.
  mutating func next() -> Place {
    if filesLeft == 0 { openFolder() }
    filesLeft -= 1
    fileCount += 1
    let folder = folders[folders.count - 1].path
    let name = "\(random.pick(MillWords.all))-\(fileCount).\(random.pick(favouringFirst: Self.suffixes))"
    return Place(folder: folder, path: folder.isEmpty ? name : "\(folder)/\(name)")
  }

  /// Opens a folder inside one of those that are there, and fills it from now on.
  private mutating func openFolder() {
    // The oldest folders have the most others in them, which keeps the tree from growing into one long branch.
    var parent = random.pick(favouringFirst: folders)
    while parent.depth == Self.deepest { parent = random.pick(favouringFirst: folders) }
    // The number keeps brothers of the same word apart.
    let name = "\(random.pick(MillWords.all))\(folders.count)"
    folders.append(Folder(path: parent.path.isEmpty ? name : "\(parent.path)/\(name)", depth: parent.depth + 1))
    filesLeft = Self.filesInFolder(using: &random)
  }

  /// From 1 to 78 files, 20 on average, and few more often than many.
  private static func filesInFolder(using random: inout SplitMix64) -> Int {
    1 + random.below(8) * random.below(12)
  }

  private static let suffixes = ["txt", "md", "csv", "log", "json", "c", "h"]
}
