import FileTestSupport
import Glibc

@testable import FileEngines

/// Who has all the descriptors that an engine would take, but for some, and leaves those that it would not.
///
/// In a process of its own, whose limit has been lowered.
struct Occupants {
  private var descriptors: [Int32] = []

  init(withHeadroom count: Int = 0) {
    let left = DescriptorReserve.count + count
    // What the runtime has open for a moment has a number that an engine would take then.
    repeat {
      while DescriptorLimit.free > left { descriptors.append(dup(STDIN_FILENO)) }
    } while runtimeHasFileOpen || DescriptorLimit.free > left
  }

  /// Gives back so many of them, or all.
  mutating func leave(_ count: Int = .max) {
    for descriptor in descriptors.suffix(count) { close(descriptor) }
    descriptors.removeLast(min(count, descriptors.count))
  }
}
