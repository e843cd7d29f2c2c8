/// How an engine is to be set up. What is nil follows from the engine and the machine.
public struct FileEngineConfiguration: Sendable, Hashable {
  /// What the page cache is to be used for.
  public enum PageCacheUse: String, Sendable, Hashable, CaseIterable {
    /// What is cached is read from the cache. Of what is not, a file that the kernel has nothing of, or the rest of a
    /// large one, it may be read around the cache: then it is not cached the next time either.
    case auto
    /// Always read through the cache, and leave the files in it.
    case use
    /// Read around the cache where the file system can (`O_DIRECT`), and leave the cache as it was. Where it cannot,
    /// what is cached of a file is dropped before it is read, but what the disk does not have yet. The blocking
    /// engine's `FileHandle` cannot: there each file's pages are dropped before it is read, and after.
    case bypass
  }

  /// Whether the rings are to be restricted to what the engine asks of them (``IOUring/Ring/Restrictions``), so that
  /// nothing else can be done through them, whoever gets hold of one.
  public enum Hardening: String, Sendable, Hashable, CaseIterable {
    case off
    /// Where the kernel can; it has been able to since Linux 5.10.
    case preferred
    /// Or else there is no engine (`EINVAL`).
    case required
  }

  /// How whole small files are written (``FileWriting/writeFile(_:in:from:count:options:)``).
  public enum Writes: String, Sendable, Hashable, CaseIterable {
    /// Through the ring where that was measured to be faster; see ``WritePlan``.
    case auto
    /// Through the ring wherever it can be done.
    case ring
    /// By system calls on the engine's threads. Hardened rings are restricted to reading then.
    case calls
  }

  /// Ring threads. One per core by default.
  public var loops: Int?
  /// Files in flight: on each loop, or in all for the engine of threads.
  public var depth: Int?
  /// The size of a read in bytes, rounded up to a multiple of ``IOBuffer/alignment``.
  public var bufferSize: Int
  public var pageCache: PageCacheUse
  /// Of the engine of rings; the others have nothing to be hardened.
  public var hardening: Hardening
  /// Of the engine of rings; the others have only system calls.
  public var writes: Writes

  /// 128 KiB holds 98 of 100 files of an ordinary tree whole, and is the largest request that many disks take at once.
  public static let defaultBufferSize = 128 * 1024

  public init(
    loops: Int? = nil, depth: Int? = nil, bufferSize: Int = defaultBufferSize, pageCache: PageCacheUse = .auto,
    hardening: Hardening = .off, writes: Writes = .auto
  ) {
    self.loops = loops
    self.depth = depth
    self.bufferSize = bufferSize
    self.pageCache = pageCache
    self.hardening = hardening
    self.writes = writes
  }
}
