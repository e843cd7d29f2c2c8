import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A directory that files are named in: its parent, its own name there, the names in it, and mostly an open descriptor.
///
/// Opening by descriptor and name spares the kernel walking the whole path for each file. Only so many descriptors are
/// kept (``DirectoryDescriptors``); one that was given up is opened again, from the nearest ancestor that still has
/// one, when a file in it is opened. No symbolic link is followed on that way but those that a walk was told to follow,
/// and what is found at its end is the directory that was listed, by device and inode, or the file fails with `ESTALE`.
/// So nothing outside the tree is read in a directory's place.
///
/// The descriptor is closed with the last reference to the directory or to what is in it. A directory takes as much
/// memory as the names in it and, if that is short, its path below the root of its walk.
public final class DirectoryReference: Sendable {
  /// The names, each with a NUL behind it.
  let names: [UInt8]
  /// Nil if the names are paths.
  let kept: KeptDescriptor?
  /// What it is on, and with it the files in it that are on the same device; nil if the names are paths.
  let fileSystem: FileSystemKind?
  /// Whether its own name is that of a symbolic link that was followed.
  let isBehindLink: Bool
  /// Where its own name stands among the names of the parent.
  let start: UInt32
  let count: UInt32
  /// How long ``prefix`` is.
  let prefixCount: Int
  /// Its path below the root of the walk that has listed it, with a slash at the end, empty for the root itself: if it
  /// is short, since every file of a copy is named by it. In a tree of many thousand levels the paths would take more
  /// than all else.
  let shortPathBelowRoot: [UInt8]?
  private static let longestShortPath = 1024
  /// Nil if the names are paths. It changes in `deinit` only.
  private let link: Mutex<DirectoryReference?>

  /// No directory, but somewhere for paths to be: absolute ones, or relative to the working directory.
  package init(paths: [UInt8]) {
    names = paths
    kept = nil
    fileSystem = nil
    isBehindLink = false
    (start, count, prefixCount) = (0, 0, 0)
    shortPathBelowRoot = nil
    link = Mutex(nil)
  }

  /// A directory that is open. Its descriptor is kept and closed by this object, sooner or later. May ask the file
  /// system what it is, and so block.
  ///
  /// - Parameters:
  ///   - place: what the descriptor was opened by.
  ///   - names: names without slashes, each with a NUL behind it.
  ///   - isBehindLink: whether a symbolic link in a listed directory was followed to it. Only then a link is followed
  ///     when it is opened again.
  package init(at place: FileReference, names: [UInt8], opened: FileDescriptor, isBehindLink: Bool = false) {
    self.names = names
    self.isBehindLink = isBehindLink
    (start, count) = (place.start, place.count)
    prefixCount = place.pathCount + (place.endsInSlash ? 0 : 1)
    shortPathBelowRoot = Self.shortPathBelowRoot(of: place)
    link = Mutex(place.directory)
    let found = identify(opened.rawValue)
    let fileSystem = FileSystems.kind(of: opened, found)
    self.fileSystem = fileSystem
    let kept = KeptDescriptor(found.map { FileIdentity($0) })
    self.kept = kept
    let descriptor = fileSystem.callsMayWait ? Self.namingOnly(opened) : opened
    if DirectoryDescriptors.keep(descriptor.rawValue, in: kept) {
      kept.giveBack()
    } else {
      try? descriptor.close()
    }
  }

  private static func shortPathBelowRoot(of place: FileReference) -> [UInt8]? {
    if place.isRoot { return [] }
    guard let path = place.directory.shortPathBelowRoot, path.count + Int(place.count) < longestShortPath else {
      return nil
    }
    return path + place.directory.names[Int(place.start)..<Int(place.start + place.count)] + [UInt8(ascii: "/")]
  }

  /// A descriptor by `O_PATH` in place of one that is open for reading, which is closed: the last reference to a
  /// directory may go on a loop, and close(2) of such a descriptor asks no server.
  private static func namingOnly(_ opened: FileDescriptor) -> FileDescriptor {
    let named = DescriptorReserve.withHeadroom {
      negatedErrno { openat(opened.rawValue, ".", Opening.pathOnlyFlags | O_DIRECTORY) }
    }
    if named < 0 { return opened }
    try? opened.close()
    return FileDescriptor(rawValue: named)
  }

  /// Releases the ancestors that nothing else refers to, one after another: if each released its own parent a tree of
  /// many thousand levels would take as many frames of the stack.
  deinit {
    if let kept { DirectoryDescriptors.forget(kept) }
    var ancestor = link.withLock { $0.take() }
    while ancestor != nil, isKnownUniquelyReferenced(&ancestor) {
      ancestor = ancestor?.link.withLock { $0.take() }
    }
  }

  /// Whether a daemon or a server answers for it, which may take any time.
  var callsMayWait: Bool { fileSystem?.callsMayWait == true }

  /// Nil if the names are paths.
  var parent: DirectoryReference? { link.withLock { $0 } }

  /// The directory itself, as a name in its parent. Nil if the names are paths.
  var place: FileReference? {
    parent.map { FileReference(in: $0, start: Int(start), count: Int(count), inode: 0, listedKind: .directory) }
  }

  /// What comes before a name in a path: empty, or ending in a slash. It is put together anew at each call.
  public var prefix: [UInt8] {
    var path = [UInt8](repeating: 0, count: prefixCount)
    fillPrefix(in: &path, before: prefixCount)
    return path
  }

  /// Writes the prefix, which ends before `end`, from its last name to its first; that below `ancestor`, if there is
  /// one.
  func fillPrefix(in path: inout [UInt8], before end: Int, below ancestor: DirectoryReference? = nil) {
    let slash = UInt8(ascii: "/")
    var (end, directory) = (end, self)
    while directory !== ancestor, let parent = directory.parent {
      let name = Int(directory.start)..<Int(directory.start + directory.count)
      if name.isEmpty || parent.names[name.upperBound - 1] != slash {
        end -= 1
        path[end] = slash
      }
      end -= name.count
      path.withUnsafeMutableBytes { path in
        parent.names.withUnsafeBytes { names in
          UnsafeMutableRawBufferPointer(rebasing: path[end...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: names[name]))
        }
      }
      directory = parent
    }
  }
}
