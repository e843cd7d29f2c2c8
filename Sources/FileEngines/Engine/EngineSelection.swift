import IOUring
import SystemPackage

/// Which engine to use, as a user says it.
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
    do throws(Errno) {
      switch self {
      case .uring: return try UringEngine(configuration)
      case .threads: return try ThreadsEngine(configuration)
      case .blocking: return try BlockingEngine(configuration)
      }
    } catch {
      throw FileEngineUnavailable(kind: self, errno: error, description: explain(error))
    }
  }

  /// Why there is no io_uring here; nil if there is.
  public static var uringRefusal: RingRefusal? {
    do throws(Errno) {
      _ = try Ring()
      return nil
    } catch {
      return RingRefusal(error)
    }
  }

  private func explain(_ error: Errno) -> String {
    self == .uring
      ? RingRefusal(error).sentence
      : "The \(rawValue) engine could not start a thread: \(error). Raise the limit on processes (ulimit -u)."
  }
}
