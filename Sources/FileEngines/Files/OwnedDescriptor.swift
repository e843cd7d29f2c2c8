import Synchronization
import SystemPackage

/// A descriptor that is closed once: by the code that takes it, or else with this value.
struct OwnedDescriptor: ~Copyable, Sendable {
  /// Valid as long as this value exists and ``take()`` has not been called.
  let descriptor: FileDescriptor
  private var isOwned: Bool

  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
    isOwned = true
  }

  /// - Parameter descriptor: is closed by something else, such as a `FileHandle` that goes.
  init(ownedElsewhere descriptor: FileDescriptor) {
    self.descriptor = descriptor
    isOwned = false
  }

  deinit {
    if isOwned { try? descriptor.close() }
  }

  /// The descriptor, which the caller closes.
  mutating func take() -> FileDescriptor {
    isOwned = false
    return descriptor
  }

  /// Closes the descriptor now. What close(2) says does not matter to the caller.
  mutating func close() {
    if isOwned { try? take().close() }
  }
}

/// Takes a value that cannot be copied through what takes copyable values alone, such as a continuation. If it is never
/// taken out it goes with this box.
final class Handover<Value: ~Copyable & Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming Value) {
    self.value = Mutex(consume value)
  }

  /// The value. To be called once.
  func take() -> Value {
    let taken = value.withLock { value in value.take() }
    guard let taken else { preconditionFailure("a value is handed over once") }
    return taken
  }
}
