/// What a pipeline does with an element whose closure throws.
public enum FailurePolicy: Sendable, Hashable {
  /// The first failure ends the run, which throws it. What is under way is cancelled.
  case failFast
  /// The element is left out and counted in the report, by stage; the run goes on. Being cancelled is no failure of an
  /// element, and ends the run all the same.
  case skip
}
