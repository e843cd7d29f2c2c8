import SystemPackage

/// The engines there are. Another one takes a case, a row of ``makeEngine(_:)``, and a folder of its own.
public enum FileEngineKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// io_uring: ``UringEngine``.
  case uring
  /// A bounded pool of threads: ``ThreadsEngine``.
  case threads
  /// Foundation's `FileHandle`, one file after another: ``BlockingEngine``.
  case blocking
}

extension FileEngineKind {
  /// Makes the engine. Ask for it by trying: what a machine allows cannot be told from its kernel's version.
  ///
  /// - Throws: ``FileEngineUnavailable``; with `ENOTSUP` for ``blocking`` in a build without the package's trait
  ///   `Foundation`.
  public func makeEngine(
    _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) throws(FileEngineUnavailable) -> any FileEngine {
    switch self {
    case .uring: return try UringEngine.make(configuration)
    case .threads: return try ThreadsEngine.make(configuration)
    case .blocking:
      #if Foundation
      return try BlockingEngine.make(configuration)
      #else
      throw FileEngineUnavailable(self, .notSupported)
      #endif
    }
  }
}

/// Why an engine cannot be had.
public struct FileEngineUnavailable: Error, Sendable, Hashable, CustomStringConvertible {
  public let kind: FileEngineKind
  public let errno: Errno
  /// One sentence that says why, and what to change.
  public let description: String
}

extension FileEngineUnavailable {
  /// Of an engine that a limit of the process, or the build, does not allow.
  init(_ kind: FileEngineKind, _ errno: Errno) {
    let description =
      switch errno {
      case .resourceTemporarilyUnavailable: ThreadShortage.advice
      case .noMemory: AddressSpace.advice ?? "There is not enough memory (ENOMEM)."
      case .tooManyOpenFiles:
        "There are too few file descriptors left (EMFILE). Raise the limit on open files (ulimit -n)."
      case .notSupported: "The \(kind.rawValue) engine is not in this build: it takes the package's trait Foundation."
      default: "The \(kind.rawValue) engine could not be started: \(errno)."
      }
    self.init(kind: kind, errno: errno, description: description)
  }
}
