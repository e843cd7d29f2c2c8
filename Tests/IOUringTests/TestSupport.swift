import FileTestSupport
import Foundation
import Synchronization
import SystemPackage
import Testing

@testable import IOUring

/// Why the ring's tests cannot run here, or nil.
let whyNoRing: RingRefusal? = {
  do throws(RingRefusal) {
    try RingLoop(.small).endUnused()
    return nil
  } catch {
    return error
  }
}()

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud where io_uring is refused and may be.
  static var needsRing: Self {
    .enabled("io_uring is refused here: \(whyNoRing?.sentence ?? "")") {
      whyNoRing == nil || TestExpectation.isRequired
    }
  }

  /// Skips a test aloud where the kernel has a ring, but not these opcodes.
  static func needs(_ opcodes: String...) -> Self {
    let missing = opcodes.filter { !supportedOpcodes.contains($0) }
    return .enabled("the kernel lacks \(missing.joined(separator: ", "))") { whyNoRing != nil || missing.isEmpty }
  }
}

private let supportedOpcodes: Set<String> = {
  let capabilities = try? Ring(.small).capabilities()
  return Set(capabilities?.opcodes.filter(\.isSupported).map(\.name) ?? [])
}()

extension Ring.Configuration {
  /// Two pages of memory: several have room in 64 KiB, if they are counted against the limit on locked memory.
  static let small = Ring.Configuration(submissions: 32, operations: 64)
}

/// Runs `body` with a loop, and shuts the loop down.
@discardableResult
func withLoop<R: Sendable>(
  operations: UInt32 = 64, _ body: (RingLoop) async throws -> R
) async throws -> R {
  try await withLoop(Ring.Configuration(submissions: 32, operations: operations), body)
}

/// The same with another configuration.
@discardableResult
func withLoop<R: Sendable>(
  _ configuration: Ring.Configuration, _ body: (RingLoop) async throws -> R
) async throws -> R {
  let loop = try RingLoop(configuration)
  do {
    let result = try await body(loop)
    await loop.shutDown()
    return result
  } catch {
    await loop.shutDown()
    throw error
  }
}

/// Runs `body` with the path of a new directory, and removes it. No descriptor of anything in it may be left.
func withTemporaryDirectory<R>(_ body: (FilePath) async throws -> R) async throws -> R {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("iouring-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  let result = try await body(FilePath(path))
  #expect(openDescriptors(under: path) == [])
  return result
}

/// The paths of the process's open files in a directory. Other tests open and close descriptors at the same time.
func openDescriptors(under path: String) -> [String] {
  let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return links.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    .filter { $0.hasPrefix(path + "/") || $0 == path }
}

/// Names that programs may handle incorrectly: a name is bytes, and only `/` and NUL are forbidden.
let hostileNames: [FilePath.Component] =
  [
    " ", "-rf", "*", "a\nb", "\u{1b}[31m", "größe", String(repeating: "x", count: 255), "...", "\\", "'\"$(id)",
  ].map { FilePath.Component($0)! } + [invalidUTF8]

private let invalidUTF8: FilePath.Component = {
  let bytes = [0xff, 0xfe, 0x80, 0].map { CInterop.PlatformChar(truncatingIfNeeded: $0) }
  return bytes.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!).lastComponent! }
}()

/// A descriptor that is never open: the number is beyond every limit.
let unopenedDescriptor = FileDescriptor(rawValue: .max)

/// Makes a file with these contents.
func makeFile(_ path: FilePath, _ text: String = "") throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
  try file.closeAfter { _ = try file.writeAll(text.utf8) }
}

/// Runs `body` with a file that is open for reading and writing and has these contents.
@discardableResult
func withFile<R>(
  _ path: FilePath, _ text: String = "", _ body: (FileDescriptor) async throws -> R
) async throws -> R {
  try makeFile(path, text)
  return try await withOpen(path, .readWrite, body)
}

/// Runs `body` with an open file or directory.
@discardableResult
func withOpen<R>(
  _ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, _ body: (FileDescriptor) async throws -> R
) async throws -> R {
  let file = try FileDescriptor.open(path, mode)
  defer { try? file.close() }
  return try await body(file)
}

/// The contents of a file.
func contents(_ path: FilePath) throws -> String {
  try String(contentsOfFile: path.string, encoding: .utf8)
}

extension IOBuffer {
  convenience init(_ text: String, capacity: Int) {
    self.init(capacity: capacity)
    withMutableBytes { bytes in
      for (offset, byte) in text.utf8.enumerated() { bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self) }
    }
  }

  func text(_ count: Int) -> String {
    withBytes(count) { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  }
}

extension FileDescriptor.OpenOptions {
  /// `O_DIRECT`, which Swift's C library overlay does not have.
  static var direct: Self {
    #if arch(arm64)
    Self(rawValue: 0o200000)
    #else
    Self(rawValue: 0o40000)
    #endif
  }
}

extension RingLoop {
  /// Waits until the loop has so many operations in flight, its own read included. Only if that is sure to happen.
  func waitForOperationsInFlight(_ count: Int) async {
    let loop = self
    await Task(executorPreference: loop) {
      while loop.core!.ring.inFlight < count { await Task.yield() }
    }.value
  }

  /// Waits until the loop sleeps and its statistics are up to date. Only for when nothing else comes.
  func waitForSleep() async {
    while !queue.isAsleep { await Task.yield() }
  }

  /// Waits until a task waits for a slot. Only if that is sure to happen.
  func waitForBacklog() async {
    let loop = self
    await Task(executorPreference: loop) {
      while loop.core!.backlog.isEmpty { await Task.yield() }
    }.value
  }

  /// Waits until nothing is in flight but the read by which the loop is woken.
  func waitForNothingInFlight() async {
    let loop = self
    await Task(executorPreference: loop) {
      while loop.core!.ring.inFlight > 1 { await Task.yield() }
    }.value
  }
}

/// A pipe that is not written to, for reads that stay in flight.
struct SilentPipe {
  let reading: FileDescriptor
  let writing: FileDescriptor

  init() throws {
    (reading, writing) = try FileDescriptor.pipe()
  }

  /// Whether there is something to read.
  var hasBytes: Bool {
    var descriptor = pollfd(fd: reading.rawValue, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) == 1
  }

  func close() {
    try? reading.close()
    try? writing.close()
  }
}

/// A gate for tasks that opens once.
final class Latch: Sendable {
  private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiters.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

/// A flag that one task raises and others read.
final class Flag: Sendable {
  private let state = Atomic<Bool>(false)

  var isRaised: Bool { state.load(ordering: .acquiring) }

  func raise() {
    state.store(true, ordering: .releasing)
  }
}
