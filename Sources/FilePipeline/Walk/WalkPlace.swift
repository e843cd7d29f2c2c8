/// Where in a walk a directory comes: its position in its parent, behind the parent's own in its, and so on.
struct WalkPlace: Sendable {
  /// What is deeper is told apart no longer, so that a place takes little memory at any depth.
  private static let levels = 32

  private var positions: [UInt32] = []
  /// How many directories it is in: 0 for a root.
  private(set) var depth = 0
  /// Whether a symbolic link has been followed on the way from the root.
  private(set) var isBehindLink = false

  /// The place of a root.
  init() {}

  /// The place of what stands at a position of the directory at this one.
  ///
  /// - Parameter isLink: whether that is a symbolic link, which is followed.
  func descending(_ position: Int, isLink: Bool) -> WalkPlace {
    var place = self
    place.depth += 1
    if isLink { place.isBehindLink = true }
    if positions.count < Self.levels { place.positions.append(UInt32(position)) }
    return place
  }

  /// Whether the subdirectories of what is here come before the further ones of what is there: a directory's own come
  /// in between its others.
  func precedes(_ other: WalkPlace) -> Bool {
    for (own, others) in zip(positions, other.positions) where own != others { return own < others }
    return positions.count > other.positions.count
  }
}
