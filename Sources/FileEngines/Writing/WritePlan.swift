import Glibc
import SystemPackage

/// By which way a whole small file is written into a target tree: the one place that decides it.
struct WritePlan: Sendable, Hashable {
  enum Path: Sendable, Hashable {
    /// By operations on the ring; see ``FileChain``.
    case chain
    /// By system calls on the loop itself: on what is in memory, which waits for the file system's own locks and, where
    /// more is written than the disk takes, for its journal and the writeback.
    case callsOnLoop
    /// By system calls on a helper thread.
    case callsOnHelper
  }

  /// What the engine was told.
  var choice: FileEngineConfiguration.Writes
  var fileSystem: TargetFileSystem
  /// The file system has answered that it has no files without a name.
  var refusesUnnamedFiles = false
  /// Whether a descriptor can be linked to by its name in /proc, which is the way where the kernel wants a right for
  /// linking the descriptor alone.
  var namesDescriptors = true
  /// In bytes, of the name and of the contents.
  var nameCount = 1
  var byteCount: Int
  var options = FileWriteOptions()
  /// Whether the process is about to use up its descriptors. The ring takes one without asking the reserve first.
  var isShortOfDescriptors = false

  /// Where chains were measured to be faster, by what fstatfs(2) answers.
  ///
  /// 20,000 new files of 2 to 20 kB on a fresh ext4, two busy cores, chains against calls on helper threads: 0.73 of
  /// the time and 1.1 of the processor's (medians of nine, by turns); with an fsync for each file 0.28 of the time. On
  /// a tmpfs, where nothing waits, chains gain nothing (0.8 to 1.1 of the time, 1.1 to 1.2 of the processor's), and
  /// others were not measured.
  static let measuredTypes: Set<UInt64> = [
    0xef53  // ext4
  ]

  /// The largest file in bytes that a chain was measured to write no slower than calls on a helper thread: with 128 KiB
  /// 0.87 of the time (median of six; the best run 1.4), with 64 KiB and 32 KiB 0.80 and 0.87.
  static let mostBytes = 128 * 1024

  var path: Path {
    if choice != .calls && canChain && (choice == .ring || isMeasured) { return .chain }
    return canStayOnLoop ? .callsOnLoop : .callsOnHelper
  }

  /// Whether the calls wait for no daemon and for no synchronization.
  private var canStayOnLoop: Bool {
    let waitsForDisk = options.durability != .none && options.durability != .batch
    return !fileSystem.kind.callsMayWait && !waitsForDisk && byteCount <= Self.mostBytes
  }

  /// A file that gets attributes before its name takes three submissions, and there calls on the loop are no slower:
  /// copying 117,745 files from a cold disk took 13.7 and 16.5 s, by chains 19.3 and 21.8; from the page cache 12.7 and
  /// 8.7 s, by chains 13.4 and 10.7 (`millrace copy --writes calls` and `ring`, in turn).
  private var isMeasured: Bool {
    options.attributes == nil && byteCount <= Self.mostBytes && fileSystem.type.map(Self.measuredTypes.contains) == true
  }

  /// Whether a chain does what was asked for, and waits for nothing but a disk.
  private var canChain: Bool {
    // Calls on a daemon's or a server's files may take any time: they have helpers of their own.
    if fileSystem.kind.callsMayWait || refusesUnnamedFiles || isShortOfDescriptors || !namesDescriptors { return false }
    // A name that is too long is refused before its file is written.
    if nameCount > Int(NAME_MAX) || options.needsHiddenName { return false }
    // The directory is opened for it, which only a helper may wait for.
    if options.durability == .fileAndDirectory { return false }
    // Between the write and the name others are waited for.
    if options.durability == .batch { return false }
    // Writing takes the set-user-ID and set-group-ID bits away, so these are set afterwards.
    if case .exactly(let permissions) = options.permissions { return permissions.rawValue & 0o7000 == 0 }
    return true
  }
}
