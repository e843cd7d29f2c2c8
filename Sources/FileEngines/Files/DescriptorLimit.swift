import Glibc
import SystemPackage

/// The process's limit on open descriptors, getrlimit(2), as it is when first asked.
package enum DescriptorLimit {
  package static let soft: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }()

  /// So many numbers are looked at to count what is open; a process with more open has a limit that leaves plenty. A
  /// guess.
  private static let examined = 1024

  /// How many more descriptors may be opened; where the limit is large, all numbers above the first ``examined`` are
  /// taken to be free.
  package static var free: Int {
    let numbers = Int32(clamping: min(soft, examined))
    return free(among: 0..<numbers).count + soft - Int(numbers)
  }

  /// Which of these numbers are no open descriptors, as poll(2) tells without opening any; the upper half if it cannot.
  static func free(among numbers: Range<Int32>) -> [Int32] {
    FileSystems.withPolledDescriptor { taken in
      var requests = numbers.map { pollfd(fd: $0 == taken ? -1 : $0, events: 0, revents: 0) }
      guard poll(&requests, nfds_t(requests.count), 0) >= 0 else { return numbers.suffix(numbers.count / 2) }
      return requests.compactMap { $0.revents & Int16(POLLNVAL) != 0 ? $0.fd : nil }
    }
  }
}
