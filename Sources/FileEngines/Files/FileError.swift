import SystemPackage

/// What went wrong with one file: which file, which operation, where in it, and why.
public struct FileError: Error, Sendable, Hashable {
  public enum Operation: String, Sendable, Hashable {
    case open, read, stat, list
    case create, write, sync, truncate, close, rename, link, unlink, copy
    /// Giving a file its permissions, its times or its owner.
    case attributes
    /// Reading a copy again, and comparing it with what was read of its source.
    case verify
    /// What the caller does with the bytes that were read.
    case process
  }

  public enum Cause: Sendable, Hashable {
    /// The system call's errno.
    case system(Errno)
    /// A FIFO, a socket or a device: reading it could wait for ever or have effects, so it is not opened.
    case notRegular
    /// A directory where a file was asked for.
    case isDirectory
    /// A symbolic link where a file was to be opened for writing: links are not followed then.
    case isSymbolicLink
    /// The path has a NUL, at which the kernel would end it: what is before the NUL is another file's path.
    case nulInPath
    /// The file that is to be replaced by a copy is the one that is to be copied.
    case sameFile
    /// The run was told to skip this file, or it is in the tree that the run writes. Nothing went wrong.
    case excluded
    /// The run has already given the name to another of its files.
    case nameTaken
    /// What is read of a copy is not what was read of its source.
    case differs
    /// The engine had been shut down, or was so meanwhile.
    case engineShutDown
    /// The engine's ring cannot be entered any more, with this errno of io_uring_enter(2): the engine opens and reads
    /// nothing from then on. ``FileError/engineFailure`` is the same as an error of its own.
    case ringFailed(Errno)
    /// The body that was called with the bytes threw this.
    case processing(ProcessingError)
    /// The task was cancelled, or the body threw a `CancellationError`. A file system that answers `ECANCELED` for
    /// reasons of its own is another matter.
    case cancelled

    /// What the present task makes of an errno.
    init(_ errno: Errno) {
      self = errno == .canceled && Task.isCancelled ? .cancelled : .system(errno)
    }
  }

  /// Not the path itself: a window of files in a deep tree may fail, and each path be as long as the tree is deep.
  private let file: FileReference
  public let operation: Operation
  /// For a read, a write, a copy or the processing of a piece: where it began, in bytes.
  public let offset: Int64?
  public let cause: Cause

  public init(path: [UInt8], operation: Operation, offset: Int64? = nil, cause: Cause) {
    self.init(FileReference(path: path), operation, offset: offset, cause)
  }

  package init(_ file: FileReference, _ operation: Operation, offset: Int64? = nil, _ cause: Cause) {
    self.file = file
    self.operation = operation
    self.offset = offset
    // No system call was made for such a path: the errno is that of ``FileReference/withRelativePath(_:_:)``.
    self.cause = cause == .system(.invalidArgument) && file.hasNUL ? .nulInPath : cause
  }

  /// The path, byte for byte. It is put together anew at each call.
  public var path: [UInt8] { file.path }

  package var reference: FileReference { file }

  /// How long the path is, in bytes.
  public var pathCount: Int { file.pathCount }

  /// Whether it is only that the task was cancelled.
  public var isCancellation: Bool { cause == .cancelled }

  /// What has made the engine useless, if it is that: a matter of the whole run, not of this file.
  public var engineFailure: FileEngineFailure? {
    if case .ringFailed(let errno) = cause { FileEngineFailure(errno: errno) } else { nil }
  }

  /// Whether it is for want of a descriptor.
  var isShortage: Bool {
    if case .system(let errno) = cause { errno.isShortage } else { false }
  }

  /// The cause in words, as strerror(3) has them.
  public var reason: String {
    switch cause {
    case .system(let errno): String(describing: errno)
    case .notRegular: "Not a regular file"
    case .isDirectory: "Is a directory"
    case .isSymbolicLink: "Is a symbolic link"
    case .nulInPath: "The path contains a NUL byte"
    case .sameFile: "Source and target are the same file"
    case .excluded: "Excluded from the run"
    case .nameTaken: "Another file of the run has this name"
    case .differs: "The copy differs from what was read of its source"
    case .engineShutDown: "The engine has been shut down"
    case .ringFailed(let errno): FileEngineFailure(errno: errno).description
    case .processing(let error): error.description
    case .cancelled: "Cancelled"
    }
  }
}

extension FileError {
  public static func == (a: Self, b: Self) -> Bool {
    a.operation == b.operation && a.offset == b.offset && a.cause == b.cause && a.path == b.path
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(operation)
    hasher.combine(offset)
    hasher.combine(cause)
  }
}

extension FileError: CustomStringConvertible {
  public var description: String {
    let place = offset.map { " at offset \($0)" } ?? ""
    return "\(String(decoding: path, as: UTF8.self)): \(operation.rawValue)\(place): \(reason)"
  }
}
