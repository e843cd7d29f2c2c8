import Glibc
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

// What processes that were killed have left under hidden names. It blocks on the disk: it is for FileWriting.visit.

extension TargetTree {
  /// Whether leftovers were looked for in a directory, or need not be. Makes no call.
  package func isFreeOfLeftovers(_ directory: TargetDirectory) -> Bool {
    if directory.isFreeOfLeftovers { return true }
    // The object may be another one than that of the last time.
    guard let identity = directory.identity, searched.withLock({ $0.contains(identity) }) else { return false }
    directory.noteNoLeftovers()
    return true
  }

  /// Removes what is left in a directory that was there before the run: once, and before the caller does anything else
  /// there, so that a file that the run itself gives such a name (its source is a leftover) stays. What another process
  /// is just writing stays, and so does everything where the directory cannot be read.
  ///
  /// - Throws: if there is no descriptor to be had.
  package func removeLeftovers(in directory: TargetDirectory) throws(FileError) {
    try directory.searching.withLock { _ throws(FileError) in
      if isFreeOfLeftovers(directory) { return }
      do throws(Errno) {
        try directory.removeLeftovers()
      } catch {
        if error.isShortage { throw FileError(directory.target([]), .list, .system(error)) }
      }
      if let identity = directory.identity { _ = searched.withLock { $0.insert(identity) } }
      directory.noteNoLeftovers()
    }
  }
}

extension TargetDirectory {
  fileprivate var isFreeOfLeftovers: Bool { isNew || wasSearched.load(ordering: .acquiring) }

  fileprivate func noteNoLeftovers() { wasSearched.store(true, ordering: .releasing) }

  /// A guess: more than any directory's entries, of 24 bytes and more, and an end for one that has none.
  private static let mostListedBytes = 1 << 32
  private static let listingBufferSize = 32 * 1024

  fileprivate func removeLeftovers() throws(Errno) {
    for name in try hiddenNames() {
      let place = try borrow()
      try Self.removeIfUnused(name, in: place.descriptor)
    }
  }

  private func hiddenNames() throws(Errno) -> [HiddenName] {
    let place = try borrow()
    let opened = try DescriptorShortage.opening {
      negatedErrno { openat(place.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }
    defer { try? opened.close() }
    var names: [HiddenName] = []
    let buffer = IOBuffer(capacity: Self.listingBufferSize)
    try readDirectory(opened, through: buffer, mostBytes: Self.mostListedBytes) { record in
      if record.type != DT_DIR, let name = HiddenName(record.name) { names.append(name) }
    }
    return names
  }

  private static func removeIfUnused(_ name: HiddenName, in directory: Int32) throws(Errno) {
    guard let found = status(of: name, in: directory) else { return }
    switch found.st_mode & S_IFMT {
    case S_IFDIR: return
    case S_IFREG: try removeIfUnlocked(name, in: directory)
    // Nothing is lost: who has made it makes it again.
    default: unlinkat(directory, name.bytes, 0)
    }
  }

  /// A regular file. It is locked until it has gone, so that its maker, who may be about to lock it, finds it without a
  /// name then.
  private static func removeIfUnlocked(_ name: HiddenName, in directory: Int32) throws(Errno) {
    let flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    // NFS locks only what may be written.
    for access in [O_WRONLY, O_RDONLY] {
      let result = DescriptorShortage.givingUpOthers {
        negatedErrno { openat(directory, name.bytes, flags | access) }
      }
      if result < 0 && Errno(rawValue: -result).isShortage { throw Errno(rawValue: -result) }
      if result < 0 { continue }
      let file = FileDescriptor(rawValue: result)
      defer { try? file.close() }
      if HiddenName.tryLock(file), FileIdentity(result) == status(of: name, in: directory).map(FileIdentity.init) {
        unlinkat(directory, name.bytes, 0)
      }
      return
    }
  }

  private static func status(of name: HiddenName, in directory: Int32) -> stat? {
    var status = stat()
    return fstatat(directory, name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
  }
}
