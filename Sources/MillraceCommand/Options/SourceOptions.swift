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
  func makeSource() throws -> FileSource {
    guard let filesFrom else { return .walk(paths.map(\.bytes)) }
    return .list(try InputFile(filesFrom.bytes), isNulTerminated ? .nul : .newline)
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
      descriptor = try (path + [0]).withUnsafeBufferPointer { bytes throws(Errno) in
        try bytes.withMemoryRebound(to: CChar.self) { characters throws(Errno) in
          try FileDescriptor.retryingOpen(characters.baseAddress!)
        }
      }
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

extension FileDescriptor {
  fileprivate static func retryingOpen(_ path: UnsafePointer<CChar>) throws(Errno) -> FileDescriptor {
    do {
      return try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
    } catch let error as Errno {
      throw error
    } catch {
      throw .ioError
    }
  }
}

extension FileSource {
  /// How many names come together.
  private static var batchSize: Int { 256 }

  /// The files that a list names, in its order. An empty name and one that is too long are failures in their place.
  static func list(_ list: InputFile, _ terminator: RecordTerminator) -> FileSource {
    FileSource {
      let reader = ListReader(list, terminator)
      return {
        var batch: [FileEntry] = []
        while batch.count < batchSize, let record = try reader.next() { batch.append(record.entry) }
        return batch.isEmpty ? nil : batch
      }
    }
  }
}

extension Record {
  fileprivate var entry: FileEntry {
    switch bytes {
    case .success(let name) where name.isEmpty:
      .failure(FileError(path: [], operation: .open, cause: .system(.noSuchFileOrDirectory)))
    case .success(let name) where name.contains(0):
      .failure(FileError(path: name, operation: .open, cause: .system(.invalidArgument)))
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
}
