/// Identifies a waiter in a ``CancellableFIFO``: the index of a node, and how often the node had been used before.
package struct WaiterID: Sendable, Hashable {
  package let index: UInt32
  package let generation: UInt32

  package init(index: UInt32, generation: UInt32) {
    (self.index, self.generation) = (index, generation)
  }
}

/// A first-in first-out queue from whose middle a waiter can be removed.
///
/// A doubly linked list in an array: appending, taking the first and removing any waiter take a fixed number of steps,
/// also when a hundred thousand tasks are cancelled at once. It has as many nodes as there have been waiters at the
/// same time at most.
package struct CancellableFIFO<Waiter> {
  private struct Node {
    var waiter: Waiter?
    var generation: UInt32 = 0
    var previous: UInt32?
    /// In the queue, or in the list of free nodes.
    var next: UInt32?
  }

  private var nodes: [Node] = []
  private var firstFree: UInt32?
  private var head: UInt32?
  private var tail: UInt32?

  package init() {}

  package private(set) var count = 0
  /// How many nodes there are, free ones included.
  package var nodeCount: Int { nodes.count }

  package var isEmpty: Bool { head == nil }

  /// The waiter that has waited longest.
  package var first: Waiter? { head.flatMap { nodes[Int($0)].waiter } }

  /// Takes a node, so that its identifier is known before the waiter is. ``append(_:as:)`` or ``release(_:)`` must
  /// follow.
  package mutating func reserve() -> WaiterID {
    if let index = firstFree {
      firstFree = nodes[Int(index)].next
      nodes[Int(index)].next = nil
      return WaiterID(index: index, generation: nodes[Int(index)].generation)
    }
    nodes.append(Node())
    return WaiterID(index: UInt32(nodes.count - 1), generation: 0)
  }

  /// Puts a waiter at the end of the queue.
  ///
  /// - Parameter id: reserved.
  package mutating func append(_ waiter: Waiter, as id: WaiterID) {
    precondition(nodes[Int(id.index)].generation == id.generation, "the node is reserved")
    nodes[Int(id.index)].waiter = waiter
    nodes[Int(id.index)].previous = tail
    if let tail { nodes[Int(tail)].next = id.index } else { head = id.index }
    tail = id.index
    count += 1
  }

  /// Gives a reserved node back.
  package mutating func release(_ id: WaiterID) {
    nodes[Int(id.index)] = Node(generation: id.generation &+ 1, next: firstFree)
    firstFree = id.index
  }

  package mutating func popFirst() -> Waiter? {
    head.flatMap { remove(WaiterID(index: $0, generation: nodes[Int($0)].generation)) }
  }

  /// Takes a waiter out of the queue; nil if it has left, or has not been appended yet.
  package mutating func remove(_ id: WaiterID) -> Waiter? {
    let node = nodes[Int(id.index)]
    guard node.generation == id.generation, let waiter = node.waiter else { return nil }
    if let previous = node.previous { nodes[Int(previous)].next = node.next } else { head = node.next }
    if let next = node.next { nodes[Int(next)].previous = node.previous } else { tail = node.previous }
    count -= 1
    release(id)
    return waiter
  }
}
