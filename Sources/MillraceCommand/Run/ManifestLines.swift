import FilePipeline
import FileStages

/// The lines of manifests, one manifest after another. What is no checksum line is reported with its place and passed by.
final class ManifestLines {
  /// How many lines come together.
  private static let batchSize = 256

  private var files: ArraySlice<InputFile>
  private let algorithm: DigestAlgorithm?
  private let tally: CheckTally
  private var current: (file: InputFile, records: ListReader, manifest: ManifestReader, found: Int)?

  init(_ files: [InputFile], _ algorithm: DigestAlgorithm?, _ tally: CheckTally) {
    self.files = files[...]
    self.algorithm = algorithm
    self.tally = tally
  }

  func nextBatch() throws -> [HashCheck.Expectation]? {
    var batch: [HashCheck.Expectation] = []
    while batch.count < Self.batchSize, let expectation = try next() { batch.append(expectation) }
    return batch.isEmpty ? nil : batch
  }

  private func next() throws -> HashCheck.Expectation? {
    while true {
      if current == nil {
        guard let file = files.popFirst() else { return nil }
        let manifest = ManifestReader(hexDigitCount: algorithm.map { 2 * $0.digestByteCount })
        current = (file, ListReader(file, .newline), manifest, 0)
      }
      guard let record = try current!.records.next() else {
        if current!.found == 0 {
          tally.countEmptyManifest()
          Diagnostics.report(path: current!.file.path, message: "no properly formatted checksum lines found")
        }
        current = nil
        continue
      }
      if let expectation = read(record) {
        current!.found += 1
        return expectation
      }
    }
  }

  /// Nil for a comment, an empty line, and a line that was complained of.
  private func read(_ record: Record) -> HashCheck.Expectation? {
    let file = current!.file
    switch record.bytes {
    case .failure(let error):
      complain(file, "line \(record.number): \(error)")
    case .success(let line):
      do throws(ManifestLineError) {
        guard let entry = try current!.manifest.entry(in: line) else { return nil }
        if let expectation = expectation(entry) { return expectation }
        complain(file, "line \(record.number): \(reason(entry))")
      } catch {
        complain(file, "line \(record.number): \(error)")
      }
    }
    return nil
  }

  private func expectation(_ entry: ManifestEntry) -> HashCheck.Expectation? {
    guard let digest = Digest(hexadecimal: entry.hexDigits), digest.algorithm.isAvailable else { return nil }
    if let tag = entry.tag, Array(digest.algorithm.tag.utf8) != tag { return nil }
    if let algorithm, algorithm != digest.algorithm { return nil }
    return HashCheck.Expectation(name: entry.name, digest: digest)
  }

  private func reason(_ entry: ManifestEntry) -> String {
    if let tag = entry.tag {
      let name = QuotedName.text(tag)
      return DigestAlgorithm(tag: String(decoding: tag, as: UTF8.self)) == nil
        ? "unknown algorithm \(name)" : "a checksum of another algorithm or length than \(name)"
    }
    return "no algorithm has checksums of \(entry.hexDigits.count) digits"
  }

  private func complain(_ file: InputFile, _ message: String) {
    tally.countMalformed()
    Diagnostics.report(path: file.path, message: message)
  }
}
