/// What a body that is called with the bytes of a file says after each piece.
public enum ByteDemand: Sendable {
  /// The next piece is to be read.
  case more
  /// The rest of the file is not to be read. This is no failure.
  case enough
}
