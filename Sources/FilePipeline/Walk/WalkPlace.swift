/// Where in a walk a directory comes: its position in its parent, behind the parent's own in its, and so on.
struct WalkPlace: Sendable {
  /// What is deeper is told apart no longer, so that a place takes little memory at any depth.
  private static let levels = 32

  private var positions: [UInt32] = []

  /// The place of a root.
  init() {}

  /// The place of what stands at a position of the directory at this one.
  func descending(_ position: Int) -> WalkPlace {
    var place = self
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
