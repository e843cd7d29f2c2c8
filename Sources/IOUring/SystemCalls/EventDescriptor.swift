import CUring

/// eventfd(2): a descriptor that no file system is asked for, so that the call never waits.
///
/// - Returns: a descriptor, or a negated errno.
package func makeEventDescriptor() -> Int32 { curing_eventfd() }
