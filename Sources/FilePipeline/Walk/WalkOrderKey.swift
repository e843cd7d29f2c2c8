/// Orders the directories of a walk: the positions, in their parents, of a directory's ancestors and of itself.
struct WalkOrderKey: Sendable {
  /// Deeper levels are ignored, so that a key takes little memory at any depth.
  private static let levels = 32

  private var positions: [UInt32] = []
  /// The number of directories that the directory is in: 0 for a root.
  private(set) var depth = 0
  /// Whether a symbolic link below the root has been followed to it.
  private(set) var isBehindLink = false

  /// The key of a root.
  init() {}

  /// The key of the subdirectory at a position.
  ///
  /// - Parameter isLink: whether the subdirectory is a symbolic link that is followed.
  func descending(_ position: Int, isLink: Bool) -> WalkOrderKey {
    var key = self
    key.depth += 1
    if isLink { key.isBehindLink = true }
    if positions.count < Self.levels { key.positions.append(UInt32(position)) }
    return key
  }

  /// Whether the walk comes to the subdirectories of this directory before the remaining ones of the other. The
  /// subdirectories of a child come before the remaining children of its parent.
  func precedes(_ other: WalkOrderKey) -> Bool {
    for (own, others) in zip(positions, other.positions) where own != others { return own < others }
    return positions.count > other.positions.count
  }
}
