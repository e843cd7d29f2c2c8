/// The order in which a concurrent stage passes on what its workers finish.
public enum OutputOrder: Sendable, Hashable {
  /// The order in which the elements came in. A finished element waits for those before it, in a window: at most `window`
  /// elements are between the stage's entry and its exit.
  case input(window: Int)
  /// As they are finished.
  case completion

  /// The input's order, in a window of 1,024 elements: enough, as a guess, that one slow element does not stop eight workers.
  public static var input: OutputOrder { .input(window: 1024) }
}
