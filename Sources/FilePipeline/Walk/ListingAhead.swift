import FileEngines
import Glibc
import IOUring
import Synchronization
import SystemPackage

/// A directory that has been opened and listed, or what went wrong.
typealias Listed = Result<(directory: DirectoryReference, entries: [DirectoryListing.Entry]), Errno>

/// Lists directories before the walk comes to them, on helper threads, where listing waits for a disk.
///
/// One directory after another, a walk asks a disk for one block at a time, and on a busy disk each takes its turn behind the
/// reads of a hundred files. Where directories are cached listing them ahead would only cost: so it begins when the thread
/// that lists one has had to wait, and ends when that has not happened for a while.
final class ListingAhead: Sendable {
  /// Guesses: as many requests as make a disk busy, and listings in memory as a window of files refers to.
  private static let threadCount = 8
  static let limit = 128
  /// Of one directory's subdirectories; what is below them may be wanted first.
  static let limitPerLevel = 16
  /// For so many directories after one that had to wait it goes on.
  private static let patience = 32

  /// One directory, asked for.
  final class Pending: Sendable {
    fileprivate let reference: FileReference
    private let result = Latch<Listed>()

    fileprivate init(_ reference: FileReference) {
      self.reference = reference
    }

    fileprivate func finish(_ listed: Listed) {
      result.open(with: listed)
    }

    /// Blocks until it is listed.
    func wait() -> Listed { result.wait() }
  }

  /// Whether it is worth it, as the last listings have shown.
  private final class Pace: Sendable {
    /// Directories to go until it ends.
    private let worthwhileFor = Mutex(0)

    var isWorthwhile: Bool { worthwhileFor.withLock { $0 > 0 } }

    /// Calls `body`, which lists a directory, and notes whether the thread had to wait in it. Time would not tell: a thread
    /// that loses its processor to another is slow, too.
    func noting<R>(_ body: () -> R) -> R {
      let before = Self.waits
      let result = body()
      let hasWaited = Self.waits != before
      worthwhileFor.withLock { $0 = hasWaited ? patience : max(0, $0 - 1) }
      return result
    }

    /// `RUSAGE_THREAD`, which the C library shows only to those who ask for GNU's extensions.
    private static let thread = __rusage_who_t(1)

    /// How often the thread has given up its processor to wait for something (getrusage(2)).
    private static var waits: Int {
      var usage = rusage()
      getrusage(thread, &usage)
      return usage.ru_nvcsw
    }
  }

  private let queue = BlockingQueue<Pending>()
  private let pace = Pace()
  private let threads = Mutex<Int?>(nil)

  deinit {
    // The threads end when they have emptied it.
    queue.close()
  }

  /// Whether listing ahead is worth it just now.
  var isWorthwhile: Bool { pace.isWorthwhile }

  /// Asks for a directory. Nil if there is no thread for it.
  func ask(for reference: FileReference) -> Pending? {
    guard
      threads.withLock({
        $0 = $0 ?? startThreads(); return $0! > 0
      })
    else { return nil }
    let pending = Pending(reference)
    return queue.append(pending) ? pending : nil
  }

  /// Opens and lists a directory now, and learns from it.
  func list(_ reference: FileReference, through buffer: IOBuffer, followSymbolicLink: Bool = false) -> Listed {
    Self.list(reference, pace, buffer, followSymbolicLink)
  }

  private func startThreads() -> Int {
    (0..<Self.threadCount).count { _ in
      let started: ()? = try? startThread(name: "file-lister") { [queue, pace] in
        let buffer = IOBuffer(capacity: DirectoryWalk.recordBufferSize)
        while let pending = queue.take() {
          pending.finish(Self.list(pending.reference, pace, buffer, false))
        }
      }
      return started != nil
    }
  }

  private static func list(
    _ reference: FileReference, _ pace: Pace, _ buffer: IOBuffer, _ followSymbolicLink: Bool
  ) -> Listed {
    pace.noting {
      Result { () throws(Errno) in
        let descriptor = try reference.openDirectory(followSymbolicLink: followSymbolicLink).get()
        do throws(Errno) {
          let listing = try DirectoryListing(descriptor, through: buffer)
          let directory = DirectoryReference(at: reference, names: listing.names, opened: descriptor)
          return (directory, listing.entries)
        } catch {
          try? descriptor.close()
          throw error
        }
      }
    }
  }
}
