/// How progress is shown, by the options and the kind of standard error.
enum ProgressStyle: Equatable, Sendable {
  case none
  /// One line of a terminal, redrawn by escape sequences.
  case line
  /// Lines at intervals, for a log or a terminal without escape sequences; and a last one if progress was requested.
  case plainLines(endsWithTotal: Bool)

  /// - Parameters:
  ///   - isWanted: true for `--progress`, false for `--no-progress`, nil without either.
  ///   - isTerminal: whether standard error is one.
  ///   - terminalType: the environment variable `TERM`.
  init(isWanted: Bool?, isQuiet: Bool, isTerminal: Bool, terminalType: String?) {
    guard isWanted ?? (isTerminal && !isQuiet) else {
      self = .none
      return
    }
    // "dumb" is terminfo's name for a terminal without escape sequences.
    let knowsEscapes = isTerminal && !["", "dumb"].contains(terminalType ?? "")
    self = knowsEscapes ? .line : .plainLines(endsWithTotal: isWanted == true)
  }
}
