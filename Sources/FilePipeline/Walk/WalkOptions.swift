import FileEngines
import LinuxSystem

/// What a ``DirectoryWalk`` gives, and which directories it enters. By default it gives regular files, hidden ones
/// included, enters all directories, and follows no symbolic link.
///
/// ```swift
/// var options = WalkOptions()
/// options.includesHidden = false
/// options.followsSymbolicLinks = true
/// options.descends = { $0.name != Array("node_modules".utf8) }
/// FilePipeline.files(under: "src", options)
/// ```
public struct WalkOptions: Sendable {
  /// Kinds of entries beside regular files.
  public struct Kinds: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Each directory as an entry of its own, before its contents; the roots too.
    public static let directories = Kinds(rawValue: 1 << 0)
    /// Symbolic links that are not followed.
    public static let symbolicLinks = Kinds(rawValue: 1 << 1)
    /// FIFOs, sockets and devices.
    public static let specialFiles = Kinds(rawValue: 1 << 2)
    /// All kinds.
    public static let all: Kinds = [.directories, .symbolicLinks, .specialFiles]
  }

  /// Whether symbolic links inside the trees are followed, to files and to directories; roots always are.
  ///
  /// A file with two names is given twice. A broken link is a failure with the errno of stat(2): `ENOENT`, or `ELOOP`
  /// for a link to itself. A directory that is its own ancestor, by device and inode, is a failure with `ELOOP` and is
  /// not entered. So a walk always ends, but it may give a directory under every path to it that has no cycle.
  public var followsSymbolicLinks = false
  /// Whether names that begin with a dot are included. If not, such files are dropped, and such directories are not
  /// entered. Roots are always included.
  public var includesHidden = true
  /// The kinds that are given beside regular files.
  public var includes: Kinds = []
  /// Whether each entry has its ``WalkEntry/status``. That takes one statx(2) for each, for a batch at a time in the
  /// order of the inodes.
  public var wantsStatus = false
  /// Selects the entries that the walk gives; nil for all. It is not called for failures, which are always given.
  /// Dropping a directory does not drop its contents: see ``descends``.
  ///
  /// Called on the thread of the walk.
  public var filter: (@Sendable (WalkEntry) -> Bool)?
  /// Selects the directories that the walk enters; nil for all. Others are neither opened nor listed, but are still
  /// given as entries if directories are included. It is called for the roots too, with the depth 0.
  ///
  /// Called once for each directory when its parent has been listed, on the thread of the walk or on a thread that
  /// lists ahead of it: several threads may call it at once. With ``wantsStatus`` the directory has its status; if the
  /// status cannot be read, the directory is a failure and is not entered.
  public var descends: (@Sendable (WalkEntry) -> Bool)?

  public init() {}
}

extension WalkOptions {
  /// Whether entries of this kind are kept. Directories are, to be entered.
  func takes(_ kind: FileStatus.Kind) -> Bool {
    switch kind {
    case .regular, .directory: true
    case .symbolicLink: includes.contains(.symbolicLinks)
    case .fifo, .socket, .characterDevice, .blockDevice: includes.contains(.specialFiles)
    case .unknown: false
    }
  }

  enum Descent {
    case entered
    case skipped
    /// The status was wanted, and could not be read.
    case failed(Errno)
  }

  /// Calls ``descends``.
  ///
  /// - Parameter memory: for the status, if it is wanted.
  func descent(into directory: FileReference, depth: Int, _ memory: FileStatus.Memory) -> Descent {
    guard let descends else { return .entered }
    var entry = WalkEntry(.success(directory), .directory, depth: depth)
    if wantsStatus, let errno = entry.addStatus(through: memory) { return .failed(errno) }
    return descends(entry) ? .entered : .skipped
  }
}
