/// The directories whose descriptors are kept, and which of them goes when another one comes: the second-chance rule,
/// by which one that was used since it was last looked at is passed by once.
struct DirectoryTable {
  /// How many there may be.
  let limit: Int
  /// How many there may be just now: fewer, when the process has run out of descriptors.
  private(set) var allowance: Int
  private var kept: [KeptDescriptor] = []
  private var hand = 0
  private var retiredSinceShortage = 0

  /// The allowance that is left however often descriptors run out: one that is open already costs nothing until
  /// somebody lacks it. A guess.
  private static let leastAllowance = 4

  /// After so many directories that came and went the allowance grows by one. A guess: a shortage that lasts then costs
  /// one failed system call in as many.
  private static let retiredPerPlace = 64

  enum Admission {
    case admitted
    /// It was here before: somebody else opened it at the same time.
    case present
    /// This one must be given up first; it is in the table no longer.
    case full(victim: KeptDescriptor)
    case refused
  }

  init(limit: Int) {
    (self.limit, allowance) = (limit, limit)
  }

  mutating func admit(_ candidate: KeptDescriptor) -> Admission {
    if candidate.position.load(ordering: .relaxed) >= 0 { return .present }
    if kept.count < allowance {
      append(candidate)
      return .admitted
    }
    return takeVictim().map { .full(victim: $0) } ?? .refused
  }

  /// Descriptors have run out: one that is to be given up, and there will be no more than are left.
  mutating func shrink() -> KeptDescriptor? {
    let victim = takeVictim()
    allowance = min(allowance, max(kept.count, Self.leastAllowance))
    retiredSinceShortage = 0
    return victim
  }

  /// Not if it has been retired, or is here: somebody may have admitted it again while it was to be given up.
  mutating func append(_ descriptor: KeptDescriptor) {
    if descriptor.position.load(ordering: .relaxed) != KeptDescriptor.nowhere { return }
    descriptor.position.store(kept.count, ordering: .relaxed)
    kept.append(descriptor)
  }

  /// Removes it for good.
  mutating func retire(_ descriptor: KeptDescriptor) {
    remove(descriptor)
    descriptor.position.store(KeptDescriptor.retired, ordering: .relaxed)
    if allowance == limit { return }
    retiredSinceShortage += 1
    if retiredSinceShortage % Self.retiredPerPlace == 0 { allowance += 1 }
  }

  mutating func remove(_ descriptor: KeptDescriptor) {
    let position = descriptor.position.exchange(KeptDescriptor.nowhere, ordering: .relaxed)
    if position < 0 { return }
    let last = kept.removeLast()
    if last === descriptor { return }
    kept[position] = last
    last.position.store(position, ordering: .relaxed)
  }

  /// Nil if all are in use.
  private mutating func takeVictim() -> KeptDescriptor? {
    // The first round may take a mark from each.
    for _ in 0..<2 * kept.count {
      if hand >= kept.count { hand = 0 }
      let candidate = kept[hand]
      hand += 1
      if candidate.borrowIfIdle() {
        remove(candidate)
        return candidate
      }
    }
    return nil
  }
}
