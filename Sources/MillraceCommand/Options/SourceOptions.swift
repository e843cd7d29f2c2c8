import ArgumentParser
import FilePipeline
import Glibc
import SystemPackage

/// Which files.
struct SourceOptions: ParsableArguments {
  @Argument(
    help: "Directories to walk, and files. Links are followed if they are named here, but not inside directories.")
  var paths: [ArgumentBytes] = []

  @Option(help: "Read the files that this file lists, one a line, instead; - is standard input.")
  var filesFrom: ArgumentBytes?

  @Flag(name: [.customShort("0"), .customLong("null")], help: "The names in the list end in a NUL, not a newline.")
  var isNulTerminated = false

  func validate() throws {
    if filesFrom == nil && paths.isEmpty { throw ValidationError("Name a directory or a file, or use --files-from.") }
    if filesFrom != nil && !paths.isEmpty { throw ValidationError("--files-from takes the place of paths.") }
    if filesFrom == nil && isNulTerminated { throw ValidationError("-0 goes with --files-from.") }
  }

  /// Opens the list, if there is one, so that a run that cannot begin does not.
  ///
  /// - Parameter budget: for the names of the list; the caller removes each that it has the result of.
  func makeSource(_ budget: LongPathBudget) throws -> FileSource {
    guard let filesFrom else { return .walk(paths.map(\.bytes)) }
    return .list(try InputFile(filesFrom.bytes), isNulTerminated ? .nul : .newline, budget)
  }
}

/// A file that tells what to do: a list of names, a manifest. `-` is standard input.
///
/// It is closed with the last reference, except standard input.
final class InputFile: Sendable {
  let path: [UInt8]
  let descriptor: FileDescriptor

  init(_ path: [UInt8]) throws(InputFileError) {
    self.path = path
    if path == [UInt8(ascii: "-")] {
      descriptor = .standardInput
      return
    }
    do throws(Errno) {
      descriptor = try FileDescriptor.opening(path)
    } catch {
      throw InputFileError(path: path, operation: "open", errno: error)
    }
  }

  deinit {
    if descriptor != .standardInput { try? descriptor.close() }
  }

  /// Whether it can be read again from its start: a pipe or a terminal cannot.
  var isRegular: Bool {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

struct InputFileError: RunAbortion {
  let path: [UInt8]
  let operation: String
  let errno: Errno

  var message: String { "\(QuotedName.text(path)): \(operation): \(errno)" }
}

extension FileSource {
  /// How many names come together at most. A guess: four crossings' worth.
  private static var batchSize: Int { 256 }

  /// The files that a list names, in its order. An empty name and one that is too long are failures in their place.
  ///
  /// A batch holds what has arrived: names that come slowly do not wait for one another.
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

/// The records of an input file, with its path on what goes wrong.
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
