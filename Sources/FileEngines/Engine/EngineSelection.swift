/// Which engine to use. The raw values are the names on a command line: `FileEngineChoice(rawValue: "threads")`.
public enum FileEngineChoice: Sendable, Hashable {
  /// `uring` where the machine allows it, else `threads`.
  case auto
  case engine(FileEngineKind)

  public static let uring = engine(.uring)
  public static let threads = engine(.threads)
  public static let blocking = engine(.blocking)
}

extension FileEngineChoice: RawRepresentable, CaseIterable {
  private static let autoName = "auto"

  public init?(rawValue: String) {
    if rawValue == Self.autoName {
      self = .auto
    } else if let kind = FileEngineKind(rawValue: rawValue) {
      self = .engine(kind)
    } else {
      return nil
    }
  }

  public var rawValue: String {
    switch self {
    case .auto: Self.autoName
    case .engine(let kind): kind.rawValue
    }
  }

  public static var allCases: [FileEngineChoice] { [.auto] + FileEngineKind.allCases.map(FileEngineChoice.engine) }
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
    case .engine(let kind): return (try kind.makeEngine(configuration), nil)
    case .auto:
      do throws(FileEngineUnavailable) {
        return (try FileEngineKind.uring.makeEngine(configuration), nil)
      } catch {
        return (try FileEngineKind.threads.makeEngine(configuration), error)
      }
    }
  }
}
