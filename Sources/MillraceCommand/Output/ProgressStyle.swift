/// How progress is shown, as the user's wish and standard error have it.
enum ProgressStyle: Equatable, Sendable {
  case none
  /// One line of a terminal, drawn again and again by escape sequences.
  case line
  /// A line now and then, for a log or for a terminal that knows no escape sequences; and, where progress was asked
  /// for, one at the end.
  case plainLines(endsWithTotal: Bool)

  /// - Parameters:
  ///   - isWanted: what `--progress` or `--no-progress` says, nil without either.
  ///   - isTerminal: whether standard error is one.
  ///   - terminalType: the environment variable `TERM`.
  init(isWanted: Bool?, isQuiet: Bool, isTerminal: Bool, terminalType: String?) {
    guard isWanted ?? (isTerminal && !isQuiet) else {
      self = .none
      return
    }
    // "dumb" is terminfo's name for a terminal that can do no more than go to the next line.
    let knowsEscapes = isTerminal && !["", "dumb"].contains(terminalType ?? "")
    self = knowsEscapes ? .line : .plainLines(endsWithTotal: isWanted == true)
  }
}
