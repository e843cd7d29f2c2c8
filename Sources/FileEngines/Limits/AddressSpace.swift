import Glibc
import SystemPackage

/// The process's limit on address space (`RLIMIT_AS`, `ulimit -v`). It counts what is reserved, used or not: stacks,
/// buffers, libraries. Where it is reached allocations fail, which Swift's runtime answers with a trap; so an engine
/// looks beforehand whether there is room for the most that it may take.
package enum AddressSpace {
  /// In bytes; nil where there is none.
  package static var limit: Int? {
    var limit = rlimit()
    // RLIM_INFINITY, which the overlay does not show.
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != .max else { return nil }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many more bytes can be had; `Int.max` where there is no limit.
  package static var free: Int {
    guard let limit else { return .max }
    return used.map { max(0, limit - $0) } ?? largestFreePiece(below: limit)
  }

  /// In bytes, as the limit counts them: the first number in /proc/self/statm, proc(5). Nil without /proc.
  private static var used: Int? {
    guard let file = try? FileDescriptor.open("/proc/self/statm", .readOnly, options: .closeOnExec) else { return nil }
    defer { try? file.close() }
    // Seven numbers of at most 20 digits.
    var text = [UInt8](repeating: 0, count: 256)
    guard let count = try? text.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
    let pages = String(decoding: text.prefix(count).prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    return Int(pages).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
  }

  /// To a mebibyte, found by trying. That takes nearly all there is, for a moment in which other threads find none.
  private static func largestFreePiece(below limit: Int) -> Int {
    var (possible, impossible) = (0, limit >> 20 + 1)
    while possible + 1 < impossible {
      let middle = (possible + impossible) / 2
      if canReserve(middle << 20) { possible = middle } else { impossible = middle }
    }
    return possible << 20
  }

  /// Whether so many bytes in one piece can be had.
  static func canReserve(_ size: Int) -> Bool {
    let address = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != MAP_FAILED else { return false }
    munmap(address, size)
    return true
  }

  /// What to do where there is none left; nil where there is no limit.
  package static var advice: String? {
    limit.map {
      "There is too little address space left (the limit is \($0 >> 10) KiB). "
        + "Raise the limit on virtual memory (ulimit -v)."
    }
  }
}
