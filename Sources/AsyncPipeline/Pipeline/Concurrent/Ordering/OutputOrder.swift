/// The order in which a concurrent stage passes on what its workers finish.
public struct OutputOrder<Element>: Sendable {
  @usableFromInline
  enum Kind: Sendable {
    /// Without a window if the stage chooses it.
    case input(window: Int?)
    case completion
    case perKey(any KeyFunction<Element>)
  }

  @usableFromInline let kind: Kind

  @inlinable
  init(_ kind: Kind) {
    self.kind = kind
  }

  /// The order in which the elements came in. A finished element waits for those before it, in a window.
  ///
  /// - Parameter window: how many elements are between the stage's entry and its exit at most; positive.
  @inlinable
  public static func input(window: Int) -> OutputOrder {
    precondition(window > 0, "a window has room for at least one element")
    return OutputOrder(.input(window: window))
  }

  /// The input's order, in a window that follows from the type of the elements.
  ///
  /// If neither input nor output elements have references, the window is 1,024 elements, or as many as 256 KiB hold:
  /// enough, as a guess, that one slow element does not stop eight workers. Elements with references may be large, and
  /// for them the window is eight for each worker, and at least 32; behind a buffer with a bound in bytes it is two for
  /// each worker.
  @inlinable public static var input: OutputOrder { OutputOrder(.input(window: nil)) }

  /// The order in which elements are finished.
  @inlinable public static var completion: OutputOrder { OutputOrder(.completion) }

  /// Elements of one key are never at work at the same time, and leave in the order in which they came in. Those of
  /// different keys leave as they are finished.
  ///
  /// An element whose key is at work waits, and others overtake it while the stage has room: if most elements have one
  /// key, they fill the stage and the others wait behind them.
  ///
  /// - Parameter key: called once for each element.
  @inlinable
  public static func perKey<Key: Hashable & Sendable>(_ key: @escaping @Sendable (Element) -> Key) -> OutputOrder {
    OutputOrder(.perKey(ElementKey(key)))
  }

  /// Whether all elements leave in the order in which they came in.
  @inlinable public var keepsInputOrder: Bool {
    if case .input = kind { true } else { false }
  }

  /// How many elements are between entry and exit, if the caller has given it.
  @inlinable var window: Int? {
    if case .input(let window) = kind { window } else { nil }
  }
}

/// The function from elements to keys, without the type of the keys.
@usableFromInline
protocol KeyFunction<Element>: Sendable {
  associatedtype Element
  associatedtype Key: Hashable & Sendable
  var key: @Sendable (Element) -> Key { get }
}

@usableFromInline
struct ElementKey<Element, Key: Hashable & Sendable>: KeyFunction {
  @usableFromInline let key: @Sendable (Element) -> Key

  @inlinable
  init(_ key: @escaping @Sendable (Element) -> Key) {
    self.key = key
  }
}
