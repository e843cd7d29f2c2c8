import SystemPackage

/// An operation for a ring, and how its result becomes a value: a `RingOperation<FileDescriptor>` opens a file.
///
/// ```swift
/// let file = try await loop.perform(.open("notes.txt"))
/// let count = try await loop.perform(.read(file, into: buffer, at: 0))
/// try await loop.perform(.close(file))
/// ```
///
/// A ``RingLoop`` performs operations, an ``OperationChain`` links them, and a ``Ring`` takes them and gives the
/// kernel's own results (``Ring/Completion``). In the comments of the operations "completes with" refers to the
/// kernel's result, from which the value is made.
///
/// Each family of operations has its own file in this folder, which says how the entry is filled, what the result
/// means, and which errors there are.
///
/// An operation on a path with a NUL fails with `EINVAL`: no file has such a path, and the bytes before the NUL are
/// another file's path.
public struct RingOperation<Value> {
  @usableFromInline var entry: SubmissionEntry
  /// Makes the value of the kernel's result, which is an errno with its sign changed if it is negative.
  @usableFromInline let value: (Int32) throws(Errno) -> Value

  init(_ entry: SubmissionEntry, _ value: @escaping (Int32) throws(Errno) -> Value) {
    (self.entry, self.value) = (entry, value)
  }
}

extension RingOperation<Void> {
  init(_ entry: SubmissionEntry) {
    self.init(entry) { result throws(Errno) in _ = try Errno.check(result) }
  }
}

extension RingOperation<Int> {
  /// An operation on a number of bytes.
  init(_ entry: SubmissionEntry) {
    self.init(entry) { result throws(Errno) in Int(try Errno.check(result)) }
  }
}

extension RingOperation<FileDescriptor> {
  init(_ entry: SubmissionEntry) {
    self.init(entry) { result throws(Errno) in FileDescriptor(rawValue: try Errno.check(result)) }
  }
}

extension Errno {
  /// The result of an operation or of a system call that does not set `errno`: a negative one is thrown.
  static func check(_ result: Int32) throws(Errno) -> Int32 {
    if result < 0 { throw Errno(rawValue: -result) }
    return result
  }
}
