import CUring
import Glibc
import SystemPackage

/// One entry of a directory, as getdents64(2) gives it.
package struct DirectoryRecord {
  package let inode: UInt64
  /// `DT_REG`, `DT_DIR`, …; `DT_UNKNOWN` on file systems that do not say.
  package let type: UInt8
  /// The bytes of the name, without a NUL. Valid during the call that they are passed to.
  package let name: UnsafeBufferPointer<UInt8>

  // Where the fields of `struct linux_dirent64` are.
  private static let lengthOffset = 16
  private static let typeOffset = 18
  private static let nameOffset = 19

  fileprivate init(_ record: UnsafeRawPointer) {
    inode = record.loadUnaligned(as: UInt64.self)
    type = record.load(fromByteOffset: Self.typeOffset, as: UInt8.self)
    let start = (record + Self.nameOffset).assumingMemoryBound(to: UInt8.self)
    // The kernel ends each name with a NUL inside the record.
    name = UnsafeBufferPointer(start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
  }

  fileprivate static func length(_ record: UnsafeRawPointer) -> Int {
    Int(record.loadUnaligned(fromByteOffset: lengthOffset, as: UInt16.self))
  }
}

/// Calls `body` with every entry of the open directory, in no order, but for `.` and `..`. Blocks on the disk.
///
/// - Parameter mostBytes: what the kernel may give, a record for each entry: 24 bytes at least, most of them its
///   name's.
/// - Throws: an error of getdents64(2), or `EOVERFLOW` for more bytes: a file system in user space may list without
///   end. Some of the entries may have been given then.
package func readDirectory(
  _ directory: FileDescriptor, through buffer: IOBuffer, mostBytes: Int, _ body: (DirectoryRecord) -> Void
) throws(Errno) {
  var total = 0
  while true {
    let count = buffer.fill { base, capacity in
      Int(retryOnNegatedInterrupt { curing_read_directory(directory.rawValue, base, capacity) })
    }
    if count < 0 { throw Errno(rawValue: Int32(-count)) }
    if count == 0 { return }
    buffer.withBytes(count) { records in
      records.withUnsafeBytes { records in
        var offset = 0
        while offset < count {
          let record = records.baseAddress! + offset
          let entry = DirectoryRecord(record)
          offset += DirectoryRecord.length(record)
          if !entry.isSelfOrParent { body(entry) }
        }
      }
    }
    total += count
    if total > mostBytes { throw .overflow }
  }
}

extension DirectoryRecord {
  private static let dot = UInt8(ascii: ".")

  fileprivate var isSelfOrParent: Bool {
    name[0] == Self.dot && (name.count == 1 || name.count == 2 && name[1] == Self.dot)
  }
}
