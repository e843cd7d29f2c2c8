import FilePipeline
import Glibc

/// The environment variable that decides what `--engine auto` takes: `auto`, `uring`, `threads` or `blocking`. An
/// engine that is named there is as if `--engine` named it: where it cannot be had there is no fallback.
enum EngineVariable {
  static let name = "MILLRACE_ENGINE"

  /// What `auto` stands for in this process. An empty variable is as good as none.
  ///
  /// - Throws: ``NamesNoEngine``.
  static var choice: FileEngineChoice {
    get throws(NamesNoEngine) {
      guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return .auto }
      guard let choice = FileEngineChoice(rawValue: value) else { throw NamesNoEngine() }
      return choice
    }
  }

  struct NamesNoEngine: FatalError {
    var message: String {
      let choices = FileEngineChoice.allCases.map(\.rawValue).joined(separator: ", ")
      return "The environment variable \(name) names no engine. It may be one of \(choices)."
    }
  }
}
