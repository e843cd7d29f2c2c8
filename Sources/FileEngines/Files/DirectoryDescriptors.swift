import Synchronization

/// Which directories are held open for the sake of the files in them. When the budget is used up, or the process has no
/// descriptor left, one that was not used of late is given up: it is reached again from its ancestors when it is
/// wanted.
enum DirectoryDescriptors {
  /// A quarter of the process's descriptors, and no more than a window of files can refer to.
  static let limit = EnginePlan.Facts.mostDirectories(of: DescriptorLimit.soft)

  private static let table = Mutex(DirectoryTable(limit: limit))

  /// Keeps `descriptor` in `kept`; the caller has borrowed it then. False if there is no room for it, or one was kept
  /// meanwhile: the descriptor is still the caller's.
  static func keep(_ descriptor: Int32, in kept: KeptDescriptor) -> Bool {
    while true {
      switch table.withLock({ $0.admit(kept) }) {
      case .admitted:
        // Only who has just made a place for it puts one in.
        if kept.put(descriptor) { return true }
        table.withLock { $0.remove(kept) }
        return false
      case .full(let victim): giveUp(victim)
      case .present, .refused: return false
      }
    }
  }

  /// The directory is referred to no longer. Its descriptor is closed with the last reference to `kept`.
  static func forget(_ kept: KeptDescriptor) {
    table.withLock { $0.retire(kept) }
  }

  /// Descriptors have run out. False if there is none to be given up.
  static func giveUpOne() -> Bool {
    while let victim = table.withLock({ $0.shrink() }) {
      if giveUp(victim) { return true }
    }
    return false
  }

  /// Outside the lock: a file system may take its time over close(2).
  @discardableResult
  private static func giveUp(_ victim: KeptDescriptor) -> Bool {
    if victim.giveUp() { return true }
    table.withLock { $0.append(victim) }
    return false
  }
}
