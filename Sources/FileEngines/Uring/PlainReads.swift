import IOUring

/// Reads by pread(2) on the threads of the loops, of files whose file system does not know `RWF_NOWAIT`: a ring's read
/// of one goes to a worker thread of the kernel, even if all of it is in memory, and costs two context switches.
///
/// It is done where such a read seldom waits (``FileSystemKind/plainReadsSeldomWait``). When a read has had to wait the
/// ring does the next ones. An overlayfs of which the kernel does not show that a layer is a daemon's or a server's
/// (``MountTable``) makes the loop wait for that, now and then, and its opens do.
final class PlainReads: Sendable {
  /// By the loop's place among the loops.
  private let detectors: [BlockingDetector]

  init(loops: Int) {
    detectors = (0..<loops).map { _ in BlockingDetector() }
  }

  /// Whether reads of the loop at this place have had to wait recently.
  func recentlyBlocked(loop: Int) -> Bool { detectors[loop].recentlyBlocked }

  /// How many bytes came; nil if the ring must be asked, which will also say what is wrong.
  func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64, loop: Int) -> Int? {
    guard file.fileSystem.plainReadsSeldomWait else { return nil }
    let detector = detectors[loop]
    if detector.recentlyBlocked {
      detector.pass()
      return nil
    }
    return detector.measure { try? file.readBlocking(into: buffer, at: offset) }
  }
}
