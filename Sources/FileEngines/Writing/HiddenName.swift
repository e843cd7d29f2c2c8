import Glibc
import LinuxSystem
import SystemPackage

/// A name that no file has, for one that is not complete: `.millrace-` and sixteen hexadecimal digits, the last eight
/// of which are a checksum of the others. So no name that somebody else has thought of is taken for one.
///
/// A process that is killed leaves it behind. Therefore a regular file is locked (flock(2)) as long as it has such a
/// name: what is not locked is nobody's, and is removed when the directory is written into again
/// (``TargetTree/removeLeftovers(in:)``). What cannot be locked, its maker makes again if it finds it removed.
struct HiddenName: Sendable, Hashable {
  /// Thirty-two random bits meet a name that is taken once in millions of files that are hidden at one time in one
  /// directory. What cannot be locked may be removed by each other run that begins to write into the directory. More
  /// often than this something else is wrong.
  static let attempts = 64

  private static let prefix = Array(".millrace-".utf8)
  private static let digitCount = 8

  /// With a NUL behind it.
  let bytes: [CChar]

  init() {
    let number = UInt32.random(in: .min ... .max)
    bytes =
      (Self.prefix + Self.digits(number) + Self.digits(Self.checksum(number)) + [0]).map { CChar(bitPattern: $0) }
  }

  /// Nil for a name that is not hidden.
  init?(_ name: some Collection<UInt8>) {
    guard name.count == Self.prefix.count + 2 * Self.digitCount, name.starts(with: Self.prefix) else { return nil }
    let digits = name.dropFirst(Self.prefix.count)
    let text = String(decoding: digits.prefix(Self.digitCount), as: UTF8.self)
    guard let number = UInt32(text, radix: 16),
      digits.elementsEqual(Self.digits(number) + Self.digits(Self.checksum(number)))
    else { return nil }
    bytes = name.map { CChar(bitPattern: $0) } + [0]
  }

  /// Mixes the bits (the finalizer of MurmurHash3).
  private static func checksum(_ number: UInt32) -> UInt32 {
    var hash = number
    hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
    hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
    return hash ^ hash >> 16
  }

  private static func digits(_ number: UInt32) -> [UInt8] {
    let digits = String(number, radix: 16)
    return Array((String(repeating: "0", count: digitCount - digits.count) + digits).utf8)
  }

  // MARK: Locks

  /// Locks a file that has a hidden name, or is about to get one, until its descriptor is closed. Where a file system
  /// has no locks none is taken, and what is left behind stays.
  static func lock(_ file: FileDescriptor) {
    _ = negatedErrno { flock(file.rawValue, LOCK_EX) }
  }

  /// The same without waiting. False if somebody has it, or where there are no locks.
  static func tryLock(_ file: FileDescriptor) -> Bool {
    negatedErrno { flock(file.rawValue, LOCK_EX | LOCK_NB) } == 0
  }
}
