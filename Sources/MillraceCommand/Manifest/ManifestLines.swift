import FilePipeline
import FileStages

/// The entries of manifests, one manifest after another; each is opened when the previous one has ended. A line without
/// a checksum is reported with its number and skipped; so is a manifest that cannot be opened, and the rest of one that
/// cannot be read.
final class ManifestLines {
  /// The largest batch of lines. A guess.
  private static let batchSize = 256

  /// The paths of the manifests that have not been opened yet.
  private var manifests: ArraySlice<[UInt8]>
  private let algorithm: DigestAlgorithm?
  private let tally: CheckTally
  private let longPaths: LongPathBudget
  private var current: (file: InputFile, records: ListReader, parser: ManifestLineParser, found: Int)?

  /// - Parameter longPaths: the budget of the names; the caller removes each name when it has the result.
  init(_ manifests: [[UInt8]], _ algorithm: DigestAlgorithm?, _ tally: CheckTally, _ longPaths: LongPathBudget) {
    (self.manifests, self.algorithm, self.tally) = (manifests[...], algorithm, tally)
    self.longPaths = longPaths
  }

  /// The next entries, nil at the end. A batch holds the lines that have arrived: it does not wait to become full.
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

  /// Nil at the end of the manifest, and where it cannot be read.
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

  /// Nil for a comment, an empty line, and a line that was reported as malformed.
  private func take(_ record: Record) -> ManifestEntry? {
    let file = current!.file
    switch record.bytes {
    case .failure(let error):
      reportMalformed(file, "line \(record.number): \(error)")
    case .success(let line):
      do throws(ManifestLineError) {
        guard let entry = try current!.parser.entry(in: line) else { return nil }
        current!.found += 1
        longPaths.add(entry.name.count)
        return entry
      } catch {
        reportMalformed(file, "line \(record.number): \(error)")
      }
    }
    return nil
  }

  private func reportMalformed(_ file: InputFile, _ message: String) {
    tally.update { $0.malformed += 1 }
    Diagnostics.report(path: file.path, message: message)
  }
}
