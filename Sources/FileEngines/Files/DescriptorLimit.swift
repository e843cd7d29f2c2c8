import Glibc
import SystemPackage

/// The process's limit on open descriptors, getrlimit(2), as it is when first asked.
package enum DescriptorLimit {
  package static let soft: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }()

  /// What an engine must find free beside its rings and the ``DescriptorReserve`` to read anything at all: a directory,
  /// the two descriptors by which another is reached, and a file.
  static let least = 4

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

  /// - Parameter descriptors: what an engine is about to open that is no file.
  /// - Throws: `EMFILE` if it could not read anything then.
  static func require(_ descriptors: Int) throws(Errno) {
    if free < descriptors + DescriptorReserve.count + least { throw .tooManyOpenFiles }
  }

  /// How many files an engine may have open at once: half of the limit leaves room for directories and for the rest of
  /// the program, and a process that has much open already gets less.
  ///
  /// - Parameter descriptors: what the engine opens beside files.
  static func files(beside descriptors: Int) -> Int {
    let directories = DirectoryDescriptors.limit
    return max(1, min(soft / 2, free - descriptors - directories - DescriptorReserve.count - least))
  }
}
