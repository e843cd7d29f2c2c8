#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many elements a concurrent stage has at work at once: a positive number, or ``automatic``.
public protocol StageWidth: Sendable {
  /// The number, and, if it was not the caller's, a sentence for the report that says which it is and why. Asked once,
  /// when the operator is added.
  var workers: (count: Int, note: String?) { get }
}

extension Int: StageWidth {
  @inlinable public var workers: (count: Int, note: String?) { (self, nil) }
}

/// A width that follows from the machine.
public struct AutomaticWidth: StageWidth {
  /// Workers for each processor. A guess: closures that wait leave it to others, and those that compute lose little by
  /// having a few beside them.
  public static let perProcessor = 4

  /// Processors that are online.
  let processors: Int

  @usableFromInline
  init() {
    self.init(processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  init(processors: Int) {
    self.processors = max(1, processors)
  }

  public var workers: (count: Int, note: String?) {
    let count = Self.perProcessor * processors
    return (
      count,
      """
      chose a width of \(count), \(Self.perProcessor) for each of \(processors) processors, so that some elements can wait \
      while others compute
      """
    )
  }
}

extension StageWidth where Self == AutomaticWidth {
  /// Four workers for each processor that is online. The stage's note in the report says how many that were, and why.
  ///
  /// What the closures wait for is not known to it. If it is a server far away, a larger number may be much faster; if
  /// it is one that counts connections, a smaller one may be needed.
  @inlinable public static var automatic: AutomaticWidth { AutomaticWidth() }
}

extension StageWidth {
  /// The number of workers, checked.
  @inlinable
  func checked() -> (count: Int, note: String?) {
    let workers = workers
    precondition(workers.count > 0, "a concurrent stage has at least one worker: its width must be positive")
    return workers
  }
}
