import Glibc
import IOUring
import SystemPackage

/// Which engine to use, as a user says it.
public enum FileEngineChoice: String, Sendable, Hashable, CaseIterable {
  /// What the environment variable `MILLRACE_ENGINE` names; without it `uring` where the machine allows it, else `threads`.
  case auto
  case uring, threads, blocking
}

/// Why an engine cannot be had.
public struct FileEngineUnavailable: Error, Sendable, Hashable, CustomStringConvertible {
  /// Nil if what `MILLRACE_ENGINE` says is no engine.
  public let kind: FileEngineKind?
  public let errno: Errno
  /// One sentence that says why, and what to change.
  public let description: String
}

extension FileEngineChoice {
  /// The environment variable that decides what ``auto`` takes: `auto`, `uring`, `threads` or `blocking`. Empty is as good as
  /// not set. An engine that is named there is as if it were chosen: where it cannot be had there is no fallback.
  public static let environmentVariable = "MILLRACE_ENGINE"

  /// What ``auto`` stands for in this process, by the environment.
  ///
  /// - Throws: ``FileEngineUnavailable`` if ``environmentVariable`` is set to what is no choice.
  public static var environment: FileEngineChoice {
    get throws(FileEngineUnavailable) {
      guard let value = getenv(environmentVariable).map({ String(cString: $0) }), !value.isEmpty else { return .auto }
      if let choice = FileEngineChoice(rawValue: value) { return choice }
      let choices = allCases.map(\.rawValue).joined(separator: ", ")
      throw FileEngineUnavailable(
        kind: nil, errno: .invalidArgument,
        description: "The environment variable \(environmentVariable) names no engine. It may be one of \(choices).")
    }
  }

  /// Makes the engine.
  ///
  /// - Returns: the engine; and, where `auto` fell back, why.
  /// - Throws: ``FileEngineUnavailable``. `auto` throws only if there is not even a thread to be had, or for what
  ///   ``environmentVariable`` says.
  public func makeEngine(
    _ configuration: FileEngineConfiguration = FileEngineConfiguration()
  ) throws(FileEngineUnavailable) -> (engine: any FileEngine, fallback: FileEngineUnavailable?) {
    switch self == .auto ? try Self.environment : self {
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

  /// Why there is no io_uring here; nil if there is. An engine may find no room for its rings all the same.
  public static var uringRefusal: RingRefusal? {
    do throws(Errno) {
      _ = try Ring(Ring.Configuration(submissions: 1, operations: 1))
      return nil
    } catch {
      return RingRefusal(error)
    }
  }

  private func explain(_ error: Errno) -> String {
    switch error {
    case _ where self == .uring: RingRefusal(error).sentence
    case .tooManyOpenFiles:
      "There are too few file descriptors left (EMFILE). Raise the limit on open files (ulimit -n)."
    default: "The \(rawValue) engine could not start a thread: \(error). Raise the limit on processes (ulimit -u)."
    }
  }
}
