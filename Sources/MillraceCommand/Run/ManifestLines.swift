import FilePipeline
import FileStages

/// The lines of manifests, one manifest after another, each opened when its turn comes. What is no checksum line is
/// reported with its place and passed by; so is a manifest that cannot be opened, and the rest of one that cannot be
/// read on.
final class ManifestLines {
  /// How many lines come together at most.
  private static let batchSize = 256

  /// The paths of the manifests that have not been opened yet.
  private var manifests: ArraySlice<[UInt8]>
  private let algorithm: DigestAlgorithm?
  private let tally: CheckTally
  private let longPaths: LongPathBudget
  private var current: (file: InputFile, records: ListReader, parser: ManifestLineParser, found: Int)?

  /// - Parameter longPaths: for the names; the caller removes each that it has the result of.
  init(_ manifests: [[UInt8]], _ algorithm: DigestAlgorithm?, _ tally: CheckTally, _ longPaths: LongPathBudget) {
    (self.manifests, self.algorithm, self.tally) = (manifests[...], algorithm, tally)
    self.longPaths = longPaths
  }

  /// The next lines, nil at the end. A batch holds what has arrived: lines that come slowly do not wait for one
  /// another.
  ///
  /// - Throws: if the task is cancelled.
  func nextBatch() throws(CancellationError) -> [ManifestEntry]? {
    try longPaths.waitForRoom()
    guard let first = next() else { return nil }
    var batch = [first]
    while batch.count < Self.batchSize, longPaths.hasRoom, let record = current?.records.nextBuffered() {
      if let entry = take(record) { batch.append(entry) }
    }
    return batch
  }

  private func next() -> ManifestEntry? {
    while current != nil || openNext() {
      guard let record = nextRecord() else {
        current = nil
        continue
      }
      if let entry = take(record) { return entry }
    }
    return nil
  }

  /// False after the last manifest.
  private func openNext() -> Bool {
    while let path = manifests.popFirst() {
      do throws(InputFileError) {
        let file = try InputFile(path)
        current = (file, ListReader(file, .newline), ManifestLineParser(plainAlgorithm: algorithm), 0)
        return true
      } catch {
        reportUnreadable(error)
      }
    }
    return false
  }

  /// Nil at the end of the manifest, and where it cannot be read on.
  private func nextRecord() -> Record? {
    do throws(InputFileError) {
      if let record = try current!.records.next() { return record }
      if current!.found == 0 {
        tally.update { $0.emptyManifests += 1 }
        Diagnostics.report(path: current!.file.path, message: "no properly formatted checksum lines found")
      }
    } catch {
      reportUnreadable(error)
    }
    return nil
  }

  private func reportUnreadable(_ error: InputFileError) {
    tally.update { $0.unreadableManifests += 1 }
    Diagnostics.report(error.message)
  }

  /// Nil for a comment, an empty line, and a line that was complained of.
  private func take(_ record: Record) -> ManifestEntry? {
    let file = current!.file
    switch record.bytes {
    case .failure(let error):
      complain(file, "line \(record.number): \(error)")
    case .success(let line):
      do throws(ManifestLineError) {
        guard let entry = try current!.parser.entry(in: line) else { return nil }
        current!.found += 1
        longPaths.add(entry.name.count)
        return entry
      } catch {
        complain(file, "line \(record.number): \(error)")
      }
    }
    return nil
  }

  private func complain(_ file: InputFile, _ message: String) {
    tally.update { $0.malformed += 1 }
    Diagnostics.report(path: file.path, message: message)
  }
}
