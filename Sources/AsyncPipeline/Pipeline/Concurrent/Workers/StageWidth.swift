#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many elements a concurrent stage has at work at once: a positive number, or ``automatic``.
public protocol StageWidth: Sendable {
  /// The number, and a sentence for the report that gives the number and its reason if the caller did not choose it.
  /// Read once, when the operator is added.
  var workers: (count: Int, note: String?) { get }
}

extension Int: StageWidth {
  @inlinable public var workers: (count: Int, note: String?) { (self, nil) }
}

/// A width that follows from the machine.
public struct AutomaticWidth: StageWidth {
  /// How many workers each processor has. A guess: closures that wait leave the processor to others, and closures that
  /// compute lose little by sharing it with a few.
  public static let perProcessor = 4

  /// How many processors are online.
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
      chose a width of \(count), \(Self.perProcessor) for each of \(processors) processors, so that some elements can \
      wait while others compute
      """
    )
  }
}

extension StageWidth where Self == AutomaticWidth {
  /// Four workers for each processor that is online. The stage's note in the report gives the number and the reason.
  ///
  /// It does not depend on what the closures wait for. For a distant server a larger number may be much faster; for a
  /// server that limits connections a smaller one may be needed.
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
