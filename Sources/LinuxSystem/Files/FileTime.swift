import Glibc

/// A time of a file, since 1970-01-01 UTC, as system calls give and take it: a `Duration` is a number of 128 bits, and
/// most times are only compared, or handed on to another file.
package struct FileTime: Sendable, Hashable {
  /// Before 1970 negative.
  package let seconds: Int64
  /// From there on, also before 1970.
  package let nanoseconds: UInt32

  /// - Parameter nanoseconds: of a damaged file system, or a server, a second and more, which are carried over: such
  ///   numbers mean something else to utimensat(2).
  package init(seconds: Int64, nanoseconds: UInt32) {
    self.seconds = seconds &+ Int64(nanoseconds / 1_000_000_000)
    self.nanoseconds = nanoseconds % 1_000_000_000
  }

  package init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
  }

  package init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = attoseconds / 1_000_000_000
    // Both parts of a duration are negative.
    self =
      nanoseconds < 0
      ? FileTime(seconds: seconds - 1, nanoseconds: UInt32(nanoseconds + 1_000_000_000))
      : FileTime(seconds: seconds, nanoseconds: UInt32(nanoseconds))
  }

  package var duration: Duration { .seconds(seconds) + .nanoseconds(nanoseconds) }

  package var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
}

extension FileTime: Comparable {
  package static func < (a: FileTime, b: FileTime) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }
}
