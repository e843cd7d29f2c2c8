import Synchronization

/// How far the reading of files has come: counts that grow while files are read, to be looked at from any thread, at
/// any time.
///
/// ```swift
/// let progress = FileProgress()
/// let reader = FileReader(engine, progress: progress)  // or FilePipeline.reportingProgress(to:)
/// ```
///
/// One value may be given to many readers and to several runs; they add up. Two relaxed atomic additions are made for a
/// small file, and one more for each further read of a large one.
public final class FileProgress: Sendable {
  private let bytes = Atomic<Int64>(0)
  private let files = Atomic<Int>(0)

  public init() {}

  /// Bytes that have been read, as they come: those of files that are being read, or that failed later, are among them.
  public var bytesRead: Int64 { bytes.load(ordering: .relaxed) }

  /// Files whose reading has ended, the failed ones included.
  public var filesFinished: Int { files.load(ordering: .relaxed) }

  func addBytes(_ count: Int) {
    bytes.add(Int64(count), ordering: .relaxed)
  }

  func addFile() {
    files.add(1, ordering: .relaxed)
  }
}
