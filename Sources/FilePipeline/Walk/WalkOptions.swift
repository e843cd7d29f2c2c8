import FileEngines
import LinuxSystem

/// What a ``DirectoryWalk`` gives, and where it goes. By default: regular files, those with hidden names too, and no
/// symbolic link is followed.
public struct WalkOptions: Sendable {
  /// What a walk gives beside regular files.
  public struct Kinds: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Each directory as an entry of its own, before what is in it; the roots too.
    public static let directories = Kinds(rawValue: 1 << 0)
    /// Symbolic links, as links: those that are not followed.
    public static let symbolicLinks = Kinds(rawValue: 1 << 1)
    /// FIFOs, sockets and devices.
    public static let specialFiles = Kinds(rawValue: 1 << 2)
    /// All that a directory may have in it.
    public static let all: Kinds = [.directories, .symbolicLinks, .specialFiles]
  }

  /// Whether symbolic links inside the trees are followed, to files and to directories; roots always are.
  ///
  /// What is reached by two names comes twice, under both. A link that leads nowhere is a failure in its place with the
  /// errno of stat(2): `ENOENT`, or `ELOOP` where it leads to itself. A directory that is its own ancestor, by device
  /// and inode, is a failure with `ELOOP` and not entered; so a walk ends, though the same directory may come under as
  /// many names as there are ways to it without a circle.
  public var followsSymbolicLinks = false
  /// Whether names that begin with a dot are taken. Otherwise such files are left out, and such directories not
  /// entered. A root is taken in any case.
  public var includesHidden = true
  /// What comes beside regular files, which always do.
  public var includes: Kinds = []
  /// Whether each entry has its ``WalkEntry/status``: one statx(2) each, made for a batch at a time in the order of the
  /// inodes. The entries of a batch wait for it.
  public var wantsStatus = false
  /// Which entries the walk gives, by what it knows of them; nil for all. It is not called for failures, which always
  /// come. What is in a directory comes whatever it says of the directory: see ``descends``.
  ///
  /// Called on the thread of the walk.
  public var filter: (@Sendable (WalkEntry) -> Bool)?
  /// Which directories the walk enters; nil for all. One that it does not enter is not opened or listed; it is given
  /// as an entry, if directories are. The roots are asked about too, with the depth 0.
  ///
  /// Called once for each directory when the one that it is in has been listed, on the thread of the walk or on one
  /// that lists directories ahead of it: several threads may call it at once. With ``wantsStatus`` the directory's
  /// status has been asked for; if it could not be had that is a failure, and the directory is not entered.
  public var descends: (@Sendable (WalkEntry) -> Bool)?

  public init() {}
}

extension WalkOptions {
  /// Whether what is of this kind is taken from a directory. Directories are, to be entered.
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
    case passedBy
    /// The status was wanted, and could not be had.
    case failed(Errno)
  }

  /// Asks ``descends``.
  ///
  /// - Parameter memory: for the status, if that is wanted.
  func descent(into directory: FileReference, depth: Int, _ memory: FileStatus.Memory) -> Descent {
    guard let descends else { return .entered }
    var entry = WalkEntry(.success(directory), .directory, depth: depth)
    if wantsStatus, let errno = entry.addStatus(through: memory) { return .failed(errno) }
    return descends(entry) ? .entered : .passedBy
  }
}
