import IOUring
import SystemPackage

/// Which engine to use. The raw values are the names on a command line: `FileEngineChoice(rawValue: "threads")`.
public enum FileEngineChoice: String, Sendable, Hashable, CaseIterable {
  /// `uring` where the machine allows it, else `threads`.
  case auto
  case uring, threads, blocking
}

/// Why an engine cannot be had.
public struct FileEngineUnavailable: Error, Sendable, Hashable, CustomStringConvertible {
  public let kind: FileEngineKind
  public let errno: Errno
  /// One sentence that says why, and what to change.
  public let description: String
}

extension FileEngineChoice {
  /// Makes the engine.
  ///
  /// - Returns: the engine; and, where `auto` fell back, why.
  /// - Throws: ``FileEngineUnavailable``. `auto` throws only if there is not even a thread to be had.
  public func makeEngine(
    _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) throws(FileEngineUnavailable) -> (engine: any FileEngine, fallback: FileEngineUnavailable?) {
    switch self {
    case .uring: return (try FileEngineKind.uring.makeEngine(configuration), nil)
    case .threads: return (try FileEngineKind.threads.makeEngine(configuration), nil)
    case .blocking: return (try FileEngineKind.blocking.makeEngine(configuration), nil)
    case .auto:
      do throws(FileEngineUnavailable) {
        return (try FileEngineKind.uring.makeEngine(configuration), nil)
      } catch {
        return (try FileEngineKind.threads.makeEngine(configuration), error)
      }
    }
  }
}

extension FileEngineKind {
  /// Makes the engine. Ask for it by trying: what a machine allows cannot be told from its kernel's version.
  public func makeEngine(
    _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) throws(FileEngineUnavailable) -> any FileEngine {
    switch self {
    case .uring:
      do throws(RingRefusal) {
        return try UringEngine(configuration)
      } catch {
        throw FileEngineUnavailable(kind: self, errno: error.errno, description: explain(error))
      }
    case .threads, .blocking:
      do throws(Errno) {
        return self == .threads ? try ThreadsEngine(configuration) : try Self.makeBlockingEngine(configuration)
      } catch {
        throw FileEngineUnavailable(kind: self, errno: error, description: explain(error))
      }
    }
  }

  /// - Throws: `ENOTSUP` in a build without the package's trait `Foundation`.
  private static func makeBlockingEngine(_ configuration: FileEngineConfiguration) throws(Errno) -> any FileEngine {
    #if Foundation
    return try BlockingEngine(configuration)
    #else
    throw .notSupported
    #endif
  }

  /// Why there is no io_uring here; nil if there is. Found out as it is for an engine, by making a small one: each call
  /// that reading takes is made. A larger engine may find no room for its rings all the same. Blocks for a moment.
  public static var uringRefusal: RingRefusal? {
    do throws(RingRefusal) {
      try UringEngine.tryOut()
      return nil
    } catch {
      return error
    }
  }

  /// With so many bytes left it is not for want of address space that there is no memory for a ring: as much as it
  /// takes with the usual configuration on four cores, and the rest of its engine.
  private static let ampleAddressSpace = 128 << 20

  private func explain(_ refusal: RingRefusal) -> String {
    switch refusal.errno {
    case _ where refusal.call == .thread: ThreadShortage.advice
    case .noMemory where AddressSpace.free < Self.ampleAddressSpace: AddressSpace.advice ?? refusal.sentence
    default: refusal.sentence
    }
  }

  private func explain(_ error: Errno) -> String {
    switch error {
    case .resourceTemporarilyUnavailable: return ThreadShortage.advice
    case .noMemory: return AddressSpace.advice ?? "There is not enough memory (ENOMEM)."
    case .tooManyOpenFiles:
      return "There are too few file descriptors left (EMFILE). Raise the limit on open files (ulimit -n)."
    case .notSupported: return "The \(rawValue) engine is not in this build: it takes the package's trait Foundation."
    default: return "The \(rawValue) engine could not be started: \(error)."
    }
  }
}
