import Glibc
import IOUring
import LinuxSystem
import SystemPackage

// Opening and reading. What the kernel's caches can answer is asked for on the spot, by a system call that would rather
// fail than wait; only what they cannot answer goes to a ring or to the helper threads. Where a daemon or a server
// answers, it is for UringEngine+SlowCalls.
extension UringEngine {
  // MARK: Opening

  func openOnLoop(_ file: FileReference) async throws(FileError) -> OpenFile {
    if let end { throw FileError(file, .open, end) }
    switch tryOpenNonblocking(file) {
    case .opened(let opened): return try examine(file, opened)
    case .mustWait(let isUncached): return try await openOffLoop(file, isUncached: isUncached)
    case .mayBeSlow: return try await openSlowly(file)
    }
  }

  func openOffLoop(_ file: FileReference, isUncached: Bool) async throws(FileError) -> OpenFile {
    try await DescriptorShortage.outlasting(file, .open) { () async throws(FileError) in
      try await openers.open(file, isUncached: isUncached, loop: currentLoop)
    }
  }

  enum NonblockingOpen: ~Copyable {
    /// A descriptor that has not been examined yet.
    case opened(UnexaminedFile)
    /// Whether it is known that the kernel has nothing of the file in memory.
    case mustWait(isUncached: Bool)
    /// Opening it may take any time although its name is in the dentry cache.
    case mayBeSlow

    /// Whether it is known that the kernel has nothing of the file in memory.
    var isUncached: Bool {
      switch self {
      case .mustWait(let isUncached): isUncached
      default: false
      }
    }
  }

  /// A descriptor that fstat(2) has not been asked about.
  struct UnexaminedFile: ~Copyable {
    var owned: OwnedDescriptor
    let fileSystem: FileSystemKind
    /// On which the file must be to be of ``fileSystem``; nil if it cannot be on another.
    let device: UInt64?
    var plan: ReadPlan
  }

  /// Opens the file if the dentry cache alone can resolve its path, and the file system then answers at once.
  func tryOpenNonblocking(_ file: FileReference) -> NonblockingOpen {
    let directory = file.directory.fileSystem
    if directory?.callsMayWait == true { return .mayBeSlow }
    if let directory, file.isListedAsRegular { return openWithinMount(file, on: directory) }
    switch lookNonblocking(file) {
    case .found(let named, let found):
      // Open until the file is: so long no other file system gets the device's number.
      defer { _ = Glibc.close(named) }
      guard let fileSystem = FileSystems.kind(ofMount: found.mount), !fileSystem.callsMayWait else { return .mayBeSlow }
      if found.mode & S_IFMT != S_IFREG { return .mustWait(isUncached: false) }
      return tryOpenNonblocking(file, withinMount: false, on: fileSystem, device: found.device)
    case .failed(let isUncached):
      return FileSystems.isAnySlow ? .mayBeSlow : .mustWait(isUncached: isUncached)
    }
  }

  /// What is listed is on its directory's device, unless something is mounted in its place.
  private func openWithinMount(_ file: FileReference, on fileSystem: FileSystemKind) -> NonblockingOpen {
    let answer = tryOpenNonblocking(file, withinMount: true, on: fileSystem, device: nil)
    // That may be why the kernel says that it does not know the name. A mount keeps the name that it is at in the
    // dentry cache.
    if answer.isUncached, FileSystems.isAnySlow, case .found(let named, let found) = lookNonblocking(file) {
      defer { _ = Glibc.close(named) }
      if FileSystems.kind(ofMount: found.mount)?.callsMayWait != false { return .mayBeSlow }
    }
    return answer
  }

  private func tryOpenNonblocking(
    _ file: FileReference, withinMount: Bool, on fileSystem: FileSystemKind, device: UInt64?
  ) -> NonblockingOpen {
    guard let descriptor = try? openFromCache(file, Opening.flags(for: file), withinMount: withinMount) else {
      return .mustWait(isUncached: false)
    }
    if descriptor == -EXDEV { return .mayBeSlow }
    // Other failures are for the helpers to find out. Where there is no such system call nothing is known of the cache.
    if descriptor < 0 { return .mustWait(isUncached: descriptor == -EAGAIN) }
    return .opened(
      UnexaminedFile(
        owned: OwnedDescriptor(FileDescriptor(rawValue: descriptor)), fileSystem: fileSystem, device: device,
        plan: ReadPlan(pageCache: configuration.pageCache, fileSystem: fileSystem)))
  }

  /// A descriptor or a negated errno.
  private func openFromCache(_ file: FileReference, _ flags: Int32, withinMount: Bool) throws(Errno) -> Int32 {
    try file.withRelativePath(.cachedOnly) { directory, path in
      DescriptorReserve.withHeadroom { openCached(directory, path, flags, withinMount: withinMount) }
    }
  }

  func examine(
    _ file: FileReference, _ unexamined: consuming UnexaminedFile
  ) throws(FileError) -> OpenFile {
    let plan = unexamined.plan
    var opened = try Opening.examine(
      file, unexamined.owned.take(), on: unexamined.fileSystem, device: unexamined.device)
    // An empty file has nothing in the cache, and nothing to read.
    opened.mayBeCached = plan.cached == .perhaps || opened.size == 0
    if !opened.mayBeCached, plan.cached == .nothing, let loop = currentLoop { uncachedDetectors[loop].noteBlocked() }
    let goesAround = plan.goesAroundCache && (!opened.mayBeCached || plan.pageCache == .bypass)
    if goesAround && !opened.goAroundPageCache() && plan.pageCache == .bypass {
      PageCache.drop(opened.descriptor.rawValue)
    }
    return opened
  }

  enum NonblockingLook {
    /// A descriptor by `O_PATH`, to be closed, and what it leads to: opening it has had no effects, and has asked no
    /// daemon.
    case found(Int32, InodeIdentity)
    case failed(isUncached: Bool)
  }

  func lookNonblocking(_ file: FileReference) -> NonblockingLook {
    guard let descriptor = try? openFromCache(file, Opening.pathOnlyFlags, withinMount: false) else {
      return .failed(isUncached: false)
    }
    if descriptor < 0 { return .failed(isUncached: descriptor == -EAGAIN) }
    if let found = identify(descriptor) { return .found(descriptor, found) }
    _ = Glibc.close(descriptor)
    return .failed(isUncached: false)
  }

  // MARK: One read

  func readOnLoop(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if let end { throw FileError(file.reference, .read, offset: offset, end) }
    // To preadv2(2) and to the ring -1 says "wherever the descriptor is".
    if offset < 0 { throw FileError(file.reference, .read, offset: offset, .system(.invalidArgument)) }
    let plan = plan(for: file)
    if plan.path == .helper { return try await readSlowly(file, into: buffer, at: offset) }
    if file.isMisaligned(offset) { file.returnToPageCache() }
    switch plan.attempt(at: offset) {
    case .call: return try file.readBlocking(into: buffer, at: offset)
    case .cachedRead: if let count = readFromCache(file, into: buffer, at: offset) { return count }
    case .none: break
    }
    if isForRing(file, plan) { return try await readByRing(file, into: buffer, at: offset) }
    return try await readSlowly(file, into: buffer, at: offset)
  }

  func plan(for file: borrowing OpenFile) -> ReadPlan {
    var plan = ReadPlan(pageCache: configuration.pageCache, fileSystem: file.fileSystem)
    plan.cached = file.mayBeCached ? .perhaps : .nothing
    (plan.size, plan.isDirect, plan.isFoundOnDisk) = (file.size, file.isDirect, file.isFoundOnDisk)
    if file.fileSystem.mayHideDaemons { plan.recentlyBlocked = recentlyBlocked }
    return plan
  }

  /// Whether calls have had to wait recently, or there is no loop to make them on.
  private var recentlyBlocked: Bool {
    currentLoop.map { plainReads.recentlyBlocked(loop: $0) } ?? true
  }

  /// Asks the kernel where the plan leaves it open.
  func isForRing(_ file: borrowing OpenFile, _ plan: ReadPlan) -> Bool {
    switch plan.path {
    case .ring: true
    case .ringIfOnDisk: file.isOnDisk
    case .helper: false
    }
  }

  private func readByRing(
    _ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64
  ) async throws(FileError) -> Int {
    do throws(Errno) {
      do throws(Errno) {
        return try await ringRead(file, into: buffer, at: offset)
      } catch  where error == .invalidArgument && file.isDirect && !hasFailed {
        file.returnToPageCache()
        return try await ringRead(file, into: buffer, at: offset)
      }
    } catch {
      throw FileError(file.reference, .read, offset: offset, cause(error))
    }
  }

  /// Reads what the page cache has, for the plan's ``ReadPlan/Attempt/cachedRead``. With `O_DIRECT` the call would wait
  /// for the disk.
  ///
  /// Linux 5.9 and 5.10 may answer 0 for what is not cached (preadv2(2), BUGS), so that is the end only where the
  /// file's size says so; elsewhere the ring is asked.
  func readFromCache(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) -> Int? {
    switch readCached(file.descriptor, into: buffer, at: offset) {
    case .bytes(let count): return count > 0 || offset >= file.size ? count : nil
    case .notCached: return nil
    case .unknown: return currentLoop.flatMap { plainReads.read(file, into: buffer, at: offset, loop: $0) }
    }
  }

  private func ringRead(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(Errno) -> Int
  {
    let count = file.request(of: buffer, at: offset)
    guard let current = currentLoop else {
      return try await retryOnInterrupt { () async throws(Errno) in
        try await anyLoop.perform(.read(file.descriptor, into: buffer, count: count, at: offset))
      }
    }
    return try await openers.accountingRead(loop: current) { () async throws(Errno) in
      try await retryOnInterrupt { () async throws(Errno) in
        try await loops[current].perform(.read(file.descriptor, into: buffer, count: count, at: offset))
      }
    }
  }

  /// A worker thread of the kernel that made the read may have been interrupted, too.
  private func retryOnInterrupt<R>(_ body: () async throws(Errno) -> R) async throws(Errno) -> R {
    for _ in 0..<Interrupts.mostRetries {
      do throws(Errno) {
        return try await body()
      } catch {
        // A ring that has failed by it may still write into the memory.
        guard error == .interrupted && !hasFailed else { throw error }
      }
    }
    return try await body()
  }
}
