import FileEngines
import Synchronization

/// Files with several names, and where in the target tree their copies are: the first of their names that a worker
/// takes is copied, the others wait for that and become links to it.
final class HardLinks: Sendable {
  /// How many are known at a time. A file that has been met under all of its names is forgotten; those with names
  /// outside of the tree stay. Each takes some 200 bytes. A guess: more are copied anew under each name.
  static let most = 1 << 18

  struct Copy: Sendable {
    /// Nil where the directory is not there, in a dry run.
    let directory: TargetDirectory?
    let name: [UInt8]
    /// In a dry run: the file that has the name already and keeps it.
    var kept: FileIdentity?
    /// What the reducer has made of the file.
    var output: (any Sendable)?
  }

  enum Claim: Sendable {
    /// It is the caller's to copy, and then to ``settle(_:as:)``.
    case first
    case copied(Copy)
    /// It is the caller's to copy, and nobody else will hear of it.
    case untracked
  }

  private struct File {
    var copy: Copy?
    var waiting: [CheckedContinuation<Claim, Never>] = []
    /// How many names have not been met yet.
    var namesLeft: Int

    var isDone: Bool { copy != nil && namesLeft <= 0 }
  }

  private let files = Mutex<[FileIdentity: File]>([:])

  /// A name of a file. Suspends while another worker copies it, which waits for nothing of this kind.
  ///
  /// - Parameter isFirst: false if the name was met before, and is tried again.
  func claim(_ file: FileIdentity, linkCount: Int, isFirst: Bool) async -> Claim {
    await withCheckedContinuation { continuation in
      let claim = files.withLock { files -> Claim? in
        guard var known = files[file] else {
          if files.count >= Self.most { return .untracked }
          files[file] = File(namesLeft: linkCount - 1)
          return .first
        }
        if isFirst { known.namesLeft -= 1 }
        if known.copy == nil { known.waiting.append(continuation) }
        files[file] = known.isDone ? nil : known
        return known.copy.map { .copied($0) }
      }
      if let claim { continuation.resume(returning: claim) }
    }
  }

  /// The copy is there; or, if it is nil, it has failed, and the next that waits is to make it.
  func settle(_ file: FileIdentity, as copy: Copy?) {
    let (woken, claim) = files.withLock { files -> ([CheckedContinuation<Claim, Never>], Claim) in
      guard var known = files[file] else { return ([], .first) }
      if let copy {
        known.copy = copy
        let waiting = known.waiting
        known.waiting = []
        files[file] = known.isDone ? nil : known
        return (waiting, .copied(copy))
      }
      let next = known.waiting.isEmpty ? [] : [known.waiting.removeFirst()]
      // A name that failed may be tried again.
      files[file] = next.isEmpty ? nil : known
      return (next, .first)
    }
    for continuation in woken { continuation.resume(returning: claim) }
  }
}
