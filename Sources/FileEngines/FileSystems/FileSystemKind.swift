/// How a file system answers, as far as engines treat them differently.
package enum FileSystemKind: Sendable, Hashable {
  /// A disk of this machine, or the kernel itself (proc, sysfs).
  case local
  /// A disk of this machine, of which the file system keeps what was read elsewhere than in the page cache (zfs).
  case ownCache
  /// In memory: its reads seldom wait, but it does not know `RWF_NOWAIT`.
  case memory
  /// Layers of other file systems, one above another (overlayfs), whose kinds the kernel does not tell. What the mount
  /// table has are the paths that the layers had for the process that mounted them, which lead elsewhere or nowhere in
  /// a container.
  case layers
  /// Of a server, which may take any time over any call.
  case server
  /// Of a process, which may do so too, and say what it likes of a file's size: FUSE and 9p. Whatever is in no table
  /// counts as one: no call is known to be quick there, and no answer to be true.
  case daemon
}

extension FileSystemKind {
  /// Whether open(2), close(2) and stat(2) may wait for another process although the name is in the dentry cache.
  var callsMayWait: Bool { self == .server || self == .daemon }

  /// Whether close(2) may report what writing has not: that a server or a daemon had no room, say.
  var closingReports: Bool { self != .local && self != .ownCache && self != .memory }

  /// Whether files are read by pread(2), on threads that may wait, and not by the ring.
  ///
  /// Of a FUSE file that is opened for direct I/O an io_uring read is asynchronous (fuse_direct_IO). At and beyond the
  /// size that the kernel believes it answers 0 without asking the daemon; one that the daemon answers `EAGAIN` is
  /// begun again, for ever and inside the kernel, with no completion; and after a short answer the ring asks for the
  /// rest from the offset of the first read, and gives the same bytes again. pread(2) has none of these faults.
  var isReadByCalls: Bool { self == .daemon }

  /// Whether the size that fstat(2) says is where a file ends that does not grow. (In proc and sysfs it is 0: unknown.)
  var sizesAreTrue: Bool { self != .daemon && self != .layers }

  /// Whether a file may be a daemon's below: the file system passes an asynchronous read on as such a one, with the
  /// faults that ``isReadByCalls`` names. The ring then reads only what is known to be on a disk
  /// (``OpenFile/isOnDisk``).
  var mayHideDaemons: Bool { self == .layers }

  /// Whether a ring's read must begin on a worker thread of the kernel. `O_NONBLOCK` makes the ring try every read on
  /// the thread that submits it, and NFS and CIFS may ask their server there.
  var readsBlockSubmission: Bool { self == .server }

  /// Whether the inode numbers that a directory lists are those of stat(2). An overlayfs may list those of its layers.
  var listsTrueInodes: Bool { self == .local || self == .ownCache }

  /// Whether the kernel can count what it has in memory of a file (cachestat(2)).
  var countsCachedPages: Bool { self == .local }

  /// Whether pread(2) on a thread that should not wait is better than a ring's read of what knows no `RWF_NOWAIT`. A
  /// tmpfs waits for what was swapped out only; an overlayfs (every container has one) for what is not in the page
  /// cache of the disk below it.
  var plainReadsSeldomWait: Bool { self == .memory || self == .layers }
}

// MARK: By name and by number

extension FileSystemKind {
  /// Names as /proc/filesystems has them, numbers as statfs(2) and linux/magic.h. File systems that share a number
  /// stand together. What is missing is treated as ``daemon``, as FUSE (0x65735546), 9p (0x01021997) and those of
  /// virtual machines are on purpose.
  static let table: [(names: [String], type: UInt64, kind: FileSystemKind)] = [
    (["ext2", "ext3", "ext4"], 0xef53, .local),
    (["xfs"], 0x5846_5342, .local),
    (["btrfs"], 0x9123_683e, .local),
    (["f2fs"], 0xf2f5_2010, .local),
    (["zfs"], 0x2fc1_2fc1, .ownCache),
    (["bcachefs"], 0xca45_1a4e, .local),
    (["jfs"], 0x3153_464a, .local),
    (["reiserfs"], 0x5265_4973, .local),
    (["nilfs2"], 0x3434, .local),
    (["erofs"], 0xe0f5_e1e2, .local),
    (["squashfs"], 0x7371_7368, .local),
    (["cramfs"], 0x28cd_3d45, .local),
    (["romfs"], 0x7275, .local),
    (["vfat", "msdos"], 0x4d44, .local),
    (["exfat"], 0x2011_bab0, .local),
    (["ntfs3"], 0x7366_746e, .local),
    (["hfs"], 0x4244, .local),
    (["hfsplus"], 0x482b, .local),
    (["iso9660"], 0x9660, .local),
    (["udf"], 0x1501_3346, .local),
    (["ubifs"], 0x2405_1905, .local),
    (["jffs2"], 0x72b6, .local),
    (["proc"], 0x9fa0, .local),
    (["sysfs"], 0x6265_6572, .local),
    (["cgroup"], 0x27_e0eb, .local),
    (["cgroup2"], 0x6367_7270, .local),
    (["debugfs"], 0x6462_6720, .local),
    (["tracefs"], 0x7472_6163, .local),
    (["securityfs"], 0x7363_6673, .local),
    (["configfs"], 0x6265_6570, .local),
    (["pstore"], 0x6165_676c, .local),
    (["efivarfs"], 0xde5e_81e4, .local),
    (["bpf"], 0xcafe_4a11, .local),
    (["hugetlbfs"], 0x9584_58f6, .local),
    (["devpts"], 0x1cd1, .local),
    (["mqueue"], 0x1980_0202, .local),
    (["fusectl"], 0x6573_5543, .local),
    (["binfmt_misc"], 0x4249_4e4d, .local),
    (["selinuxfs"], 0xf97c_ff8c, .local),
    (["smackfs"], 0x4341_5d53, .local),
    (["nfsd"], 0x6e66_7364, .local),
    (["nsfs"], 0x6e73_6673, .local),
    (["rpc_pipefs"], 0x6759_6969, .local),
    // It holds no regular files; a mount that a lookup sets off costs one opener.
    (["autofs"], 0x0187, .local),
    (["tmpfs", "devtmpfs"], 0x0102_1994, .memory),
    (["ramfs", "rootfs"], 0x8584_58f6, .memory),
    (["overlay"], 0x794c_7630, .layers),
    (["nfs", "nfs4"], 0x6969, .server),
    (["cifs"], 0xff53_4d42, .server),
    (["smb3"], 0xfe53_4d42, .server),
    (["ceph"], 0x00c3_6400, .server),
    (["afs"], 0x6b41_4653, .server),
    (["coda"], 0x7375_7245, .server),
    (["gfs2"], 0x0116_1970, .server),
    (["ocfs2"], 0x7461_636f, .server),
    (["lustre"], 0x0bd0_0bd0, .server),
    (["gpfs"], 0x4750_4653, .server),
    (["pvfs2"], 0x2003_0528, .server),
    (["beegfs"], 0x1983_0326, .server),
  ]

  private static let byName = Dictionary(
    uniqueKeysWithValues: table.flatMap { row in row.names.map { ($0, row.kind) } })
  private static let byType = Dictionary(uniqueKeysWithValues: table.map { ($0.type, $0.kind) })

  /// - Parameter name: as /proc/self/mountinfo has it.
  init(name: some StringProtocol) {
    self = Self.byName[String(name)] ?? .daemon
  }

  /// - Parameter type: what statfs(2) says; nil if it fails.
  init(type: UInt64?) {
    self = type.flatMap { Self.byType[$0] } ?? .daemon
  }
}
