import CLinuxSystem
import Glibc
import SystemPackage

/// One entry of a directory, as getdents64(2) gives it.
package struct DirectoryRecord {
  package let inode: UInt64
  /// `DT_REG`, `DT_DIR`, …; `DT_UNKNOWN` on file systems that do not say.
  package let type: UInt8
  /// The bytes of the name, without a NUL. Valid during the call that they are passed to.
  package let name: UnsafeBufferPointer<UInt8>

  fileprivate let length: Int

  fileprivate init(_ record: UnsafeRawPointer) {
    let start = record.loadUnaligned(as: linux_directory_record.self)
    (inode, type, length) = (start.inode, start.type, Int(start.length))
    let name = (record + LINUX_RECORD_NAME).assumingMemoryBound(to: CChar.self)
    // The kernel ends each name with a NUL inside the record.
    self.name = UnsafeRawBufferPointer(start: name, count: strlen(name)).assumingMemoryBound(to: UInt8.self)
  }
}

/// Calls `body` with every entry of the open directory, in no order, except `.` and `..`. Blocks on the disk.
///
/// - Parameters:
///   - memory: for the kernel's records.
///   - mostBytes: the limit on the records' bytes: each record is a name and 19 bytes, and a multiple of 8 bytes.
/// - Throws: an error of getdents64(2), or `EOVERFLOW` for more bytes: a file system in user space may list without
///   end. Some of the entries may have been given then.
package func readDirectory(
  _ directory: FileDescriptor, through memory: UnsafeMutableRawBufferPointer, mostBytes: Int,
  _ body: (DirectoryRecord) -> Void
) throws(Errno) {
  var total = 0
  while true {
    let count = Int(
      retryOnNegatedInterrupt { linux_read_directory(directory.rawValue, memory.baseAddress, memory.count) })
    if count < 0 { throw Errno(rawValue: Int32(-count)) }
    if count == 0 { return }
    var offset = 0
    while offset < count {
      let record = DirectoryRecord(UnsafeRawPointer(memory.baseAddress! + offset))
      offset += record.length
      if !record.isSelfOrParent { body(record) }
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
