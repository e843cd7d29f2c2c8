import Glibc

/// A directory's descriptor for the time of a call: one that is kept, or one that is closed at the end.
struct BorrowedDirectory: ~Copyable {
  let descriptor: Int32
  private let owner: Owner

  private enum Owner {
    case kept(KeptDescriptor)
    case temporary
    /// `AT_FDCWD`.
    case nobody
  }

  /// Where paths begin.
  static var workingDirectory: BorrowedDirectory { BorrowedDirectory(descriptor: AT_FDCWD, owner: .nobody) }

  private init(descriptor: Int32, owner: Owner) {
    (self.descriptor, self.owner) = (descriptor, owner)
  }

  /// A descriptor that has been borrowed from `kept`.
  init(_ descriptor: Int32, from kept: KeptDescriptor) {
    self.init(descriptor: descriptor, owner: .kept(kept))
  }

  init(temporary descriptor: Int32) {
    self.init(descriptor: descriptor, owner: .temporary)
  }

  deinit {
    switch owner {
    case .kept(let kept): kept.giveBack()
    case .temporary: close(descriptor)
    case .nobody: break
    }
  }
}
