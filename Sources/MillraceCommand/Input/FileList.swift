import FilePipeline
import SystemPackage

extension FileSource {
  /// The largest batch of names. A guess.
  private static var batchSize: Int { 256 }

  /// The files that a list names, in its order. An empty name, and one that is too long, is an entry that failed.
  ///
  /// A batch holds the names that have arrived: it does not wait to become full.
  static func list(
    _ list: InputFile, _ terminator: RecordTerminator, _ budget: LongPathBudget
  ) -> FileSource {
    FileSource {
      let reader = ListReader(list, terminator)
      func take(_ record: Record) -> WalkEntry {
        if case .success(let name) = record.bytes { budget.add(name.count) }
        return record.entry
      }
      return {
        try budget.waitForRoom()
        guard let first = try reader.next() else { return nil }
        var batch = [take(first)]
        while batch.count < batchSize, budget.hasRoom, let record = reader.nextBuffered() {
          batch.append(take(record))
        }
        return batch
      }
    }
  }
}

extension Record {
  fileprivate var entry: WalkEntry {
    WalkEntry(outcome)
  }

  private var outcome: Result<FileReference, FileError> {
    switch bytes {
    case .success(let name) where name.isEmpty:
      .failure(FileError(path: [], operation: .open, cause: .system(.noSuchFileOrDirectory)))
    case .success(let name): .success(FileReference(path: name))
    case .failure:
      .failure(FileError(path: [], operation: .open, cause: .system(.fileNameTooLong)))
    }
  }
}

/// The records of an input file. Errors carry its path.
final class ListReader {
  private let file: InputFile
  private var reader: RecordReader

  init(_ file: InputFile, _ terminator: RecordTerminator) {
    self.file = file
    reader = RecordReader(file.descriptor, terminator: terminator)
  }

  func next() throws(InputFileError) -> Record? {
    do throws(Errno) {
      return try reader.next()
    } catch {
      throw InputFileError(path: file.path, operation: "read", errno: error)
    }
  }

  /// See ``RecordReader/nextBuffered()``.
  func nextBuffered() -> Record? {
    reader.nextBuffered()
  }
}
