import Glibc
import Testing

@testable import LinuxSystem

@Suite struct FileTimeTests {
  /// As a duration, and as the kernel has it.
  static let times: [(Duration, Int64, UInt32)] = [
    (.zero, 0, 0), (.nanoseconds(1), 0, 1), (.milliseconds(1500), 1, 500_000_000), (.nanoseconds(-1), -1, 999_999_999),
    (.seconds(-1), -1, 0), (.milliseconds(-1500), -2, 500_000_000), (.seconds(1 << 40), 1 << 40, 0),
    (.seconds(-(1 << 40)) - .nanoseconds(1), -(1 << 40) - 1, 999_999_999),
  ]

  @Test(arguments: times)
  func duration_and_time_of_the_kernel_are_one(_ duration: Duration, _ seconds: Int64, _ nanoseconds: UInt32) {
    let time = FileTime(seconds: seconds, nanoseconds: nanoseconds)
    #expect(FileTime(duration) == time)
    #expect(time.duration == duration)
    #expect(FileTime(time.timespec) == time)
  }

  @Test func a_second_and_more_of_nanoseconds_is_carried() {
    #expect(FileTime(seconds: 7, nanoseconds: 1 << 30) == FileTime(seconds: 8, nanoseconds: 73_741_824))
    #expect(FileTime(timespec(tv_sec: -1, tv_nsec: 1_000_000_000)) == FileTime(seconds: 0, nanoseconds: 0))
  }

  @Test func earlier_ones_are_less() {
    let sorted = Self.times.map { FileTime($0.0) }.sorted().map(\.duration)
    #expect(sorted == Self.times.map(\.0).sorted())
  }
}
