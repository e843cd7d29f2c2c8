import Glibc
import LinuxSystem
import SystemPackage

/// Whether a call may wait for the disk.
enum Lookup {
  case waiting
  /// What the dentry cache cannot answer, or not by one system call, fails with `EAGAIN`.
  case cachedOnly
}

// A directory whose descriptor was given up is opened again from the nearest ancestor that has one, by as many names at
// once as fit into a path (PATH_MAX): so it can be reached at any depth, with two descriptors at a time. One that is
// behind a symbolic link is opened by its own name alone.
extension DirectoryReference {
  private static let flags = Opening.pathOnlyFlags | O_DIRECTORY

  /// The directory's descriptor, or `AT_FDCWD` where names are paths.
  ///
  /// - Throws: `ESTALE` if the directory is not there any more, and another or a link is; what openat2(2) says.
  func borrow(_ lookup: Lookup) throws(Errno) -> BorrowedDirectory {
    guard let kept else { return .workingDirectory }
    if let descriptor = kept.borrow() { return BorrowedDirectory(descriptor, from: kept) }
    return try reach(lookup)
  }

  private func reach(_ lookup: Lookup) throws(Errno) -> BorrowedDirectory {
    var missing = [self]
    var current = try nearest(lookup, &missing)
    while !missing.isEmpty {
      current = try Self.descend(&missing, from: current.descriptor, lookup)
    }
    return current
  }

  /// The nearest ancestor that can be had at once. What lies between is appended to `missing`, the uppermost last.
  private func nearest(_ lookup: Lookup, _ missing: inout [DirectoryReference]) throws(Errno) -> BorrowedDirectory {
    var length = Int(count)
    var directory = self
    while let parent = directory.parent, let kept = parent.kept {
      if lookup == .cachedOnly && directory.isBehindLink { throw .resourceTemporarilyUnavailable }
      if let descriptor = kept.borrow() { return BorrowedDirectory(descriptor, from: kept) }
      length += Int(parent.count) + 1
      if lookup == .cachedOnly && length > LongPath.longest { throw .resourceTemporarilyUnavailable }
      missing.append(parent)
      directory = parent
    }
    missing.removeLast()
    return try directory.reachRoot(lookup)
  }

  /// A root is followed if it is a link, as it was when it was listed.
  private func reachRoot(_ lookup: Lookup) throws(Errno) -> BorrowedDirectory {
    guard let place else { return .workingDirectory }
    let descriptor = try place.withRelativePath(lookup) { directory, path in
      switch lookup {
      case .waiting: DescriptorShortage.givingUpOthers { negatedErrno { openat(directory, path, Self.flags) } }
      case .cachedOnly: DescriptorReserve.withHeadroom { openCached(directory, path, Self.flags) }
      }
    }
    if descriptor < 0 { throw Errno(rawValue: -descriptor) }
    return try adopt(descriptor, lookup)
  }

  /// Opens the next of the missing directories that one path leads to.
  private static func descend(
    _ missing: inout [DirectoryReference], from directory: Int32, _ lookup: Lookup
  ) throws(Errno) -> BorrowedDirectory {
    let next = missing[missing.count - 1]
    var (path, names) = next.isBehindLink ? ([], 1) : path(through: missing)
    // A cached lookup does not come to a directory behind a link.
    var descriptor = next.isBehindLink ? next.openByOwnName(in: directory) : open(path, in: directory, lookup)
    if lookup == .waiting && !next.isBehindLink && [-ENOSYS, -EPERM].contains(descriptor) {
      names = 1
      descriptor = next.openByOwnName(in: directory)
    }
    // A link, or a file, has taken the place of a directory.
    if descriptor == -ELOOP || descriptor == -ENOTDIR { throw .staleNFSFileHandle }
    if descriptor < 0 { throw Errno(rawValue: -descriptor) }
    let reached = missing[missing.count - names]
    missing.removeLast(names)
    return try reached.adopt(descriptor, lookup)
  }

  /// As many names as fit into one path, with a NUL behind it, as far as they are behind no link; and how many.
  private static func path(through missing: [DirectoryReference]) -> (path: [UInt8], names: Int) {
    var (path, names) = ([UInt8](), 0)
    for next in missing.reversed() {
      if names > 0 && (next.isBehindLink || path.count + 1 + Int(next.count) > LongPath.longest) { break }
      if names > 0 { path.append(UInt8(ascii: "/")) }
      next.place?.appendName(to: &path)
      names += 1
    }
    return (path + [0], names)
  }

  /// A descriptor or a negated errno.
  private static func open(_ path: [UInt8], in directory: Int32, _ lookup: Lookup) -> Int32 {
    path.withCString { path in
      switch lookup {
      case .cachedOnly: DescriptorReserve.withHeadroom { openWithoutLinks(directory, path, flags, cached: true) }
      case .waiting:
        DescriptorShortage.givingUpOthers {
          retryOnNegatedInterrupt { openWithoutLinks(directory, path, flags, cached: false) }
        }
      }
    }
  }

  /// Without openat2(2), on an old kernel or behind a seccomp filter: name by name no link is followed either, but one
  /// that a walk has followed.
  func openByOwnName(in directory: Int32) -> Int32 {
    guard let place else { return -ENOENT }
    let flags = isBehindLink ? Self.flags : Self.flags | O_NOFOLLOW
    return place.withName { name in
      DescriptorShortage.givingUpOthers { negatedErrno { openat(directory, name, flags) } }
    }
  }

  /// Looks whether it is still the directory that was listed, and keeps the descriptor if there is room.
  private func adopt(_ descriptor: Int32, _ lookup: Lookup) throws(Errno) -> BorrowedDirectory {
    guard let kept, let found = identify(descriptor), FileIdentity(found) == kept.identity else {
      close(descriptor)
      throw .staleNFSFileHandle
    }
    do throws(Errno) {
      try checkFileSystem(FileDescriptor(rawValue: descriptor), found, lookup)
    } catch {
      close(descriptor)
      throw error
    }
    return DirectoryDescriptors.keep(descriptor, in: kept)
      ? BorrowedDirectory(descriptor, from: kept) : BorrowedDirectory(temporary: descriptor)
  }

  /// While no descriptor was open on it the file system may have been unmounted, and another may have its numbers now.
  private func checkFileSystem(
    _ descriptor: FileDescriptor, _ found: InodeIdentity, _ lookup: Lookup
  ) throws(Errno) {
    let now =
      switch lookup {
      case .waiting: FileSystems.kind(of: descriptor, found)
      case .cachedOnly: FileSystems.kind(ofMount: found.mount)
      }
    guard let now else { throw .resourceTemporarilyUnavailable }
    if now != fileSystem { throw .staleNFSFileHandle }
  }
}
