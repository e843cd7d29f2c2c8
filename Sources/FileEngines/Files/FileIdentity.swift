import Glibc

/// Which file or directory it is, whatever it is called: the numbers of its device and its inode (stat(2)).
///
/// A number may come back once the file is gone. As long as it exists nothing else has it.
struct FileIdentity: Sendable, Hashable {
  let device: UInt64
  let inode: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// What the open descriptor leads to; nil if the file system fails to say.
  init?(_ descriptor: Int32) {
    var status = stat()
    if fstat(descriptor, &status) != 0 { return nil }
    self.init(status)
  }
}
