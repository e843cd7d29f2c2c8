import FilePipeline
import Glibc

/// Compares the entries that two trees have under one name. Each belongs to one task, on a thread of the engine that
/// may block.
final class EntryComparer {
  private let engine: any FileEngine
  private let attributes: ComparedAttributes
  private lazy var buffers = (reference: engine.makeBuffer(), tree: engine.makeBuffer())

  init(_ engine: any FileEngine, _ attributes: ComparedAttributes) {
    (self.engine, self.attributes) = (engine, attributes)
  }

  /// Nil if they are the same.
  func difference(_ pair: TreePair) async -> TreeDifference.Aspect? {
    guard let reference = pair.reference else { return .extra }
    guard let tree = pair.tree else { return .missing }
    do throws(FileError) {
      let (first, second) = (try reference.outcome.get(), try tree.outcome.get())
      guard let expected = reference.status, let found = tree.status else { return .kind }
      if let aspect = difference(expected, found) { return aspect }
      if attributes.contains(.hardLinks) && !pair.hasSameLinks { return .hardLinks }
      return try await difference(first, second, expected)
    } catch {
      if case .failure(let other) = reference.outcome, case .failure(let own) = tree.outcome, other.cause == own.cause {
        return nil
      }
      return .failure(error)
    }
  }

  // MARK: Status

  private func difference(_ expected: FileStatus, _ found: FileStatus) -> TreeDifference.Aspect? {
    if expected.kind != found.kind { return .kind }
    if !hasSamePermissions(expected, found) { return .permissions }
    if attributes.contains(.owners) && (expected.owner, expected.group) != (found.owner, found.group) { return .owner }
    if attributes.contains(.times) && expected.modified != found.modified { return .time }
    if expected.represented != found.represented { return .device }
    if expected.kind == .regular && expected.size != found.size { return .size }
    return nil
  }

  private func hasSamePermissions(_ expected: FileStatus, _ found: FileStatus) -> Bool {
    // On Linux symbolic links have no permissions of their own.
    if expected.kind == .symbolicLink { return true }
    let mask: mode_t = attributes.contains(.rights) ? 0o7777 : 0o1777
    return expected.permissions.rawValue & mask == found.permissions.rawValue & mask
  }

  // MARK: Contents

  private func difference(
    _ expected: FileReference, _ found: FileReference, _ status: FileStatus
  ) async throws(FileError) -> TreeDifference.Aspect? {
    switch status.kind {
    case .symbolicLink: return try leadsTo(expected) == leadsTo(found) ? nil : .linkTarget
    case .directory: return try await differsInExtended(expected, found) ? .extendedAttributes : nil
    case .regular:
      if try await differsInExtended(expected, found) { return .extendedAttributes }
      return try await firstDifferentByte(expected, found).map { .contents(offset: $0) }
    default: return nil
    }
  }

  private func leadsTo(_ link: FileReference) throws(FileError) -> [UInt8] {
    do throws(Errno) {
      return try link.symbolicLinkTarget()
    } catch {
      throw FileError(path: link.path, operation: .read, cause: .system(error))
    }
  }

  private func differsInExtended(_ expected: FileReference, _ found: FileReference) async throws(FileError) -> Bool {
    let wanted = Set(try await engine.extendedAttributes(of: expected))
    let present = Set(try await engine.extendedAttributes(of: found))
    return attributes.contains(.allExtended) ? wanted != present : !present.isSubset(of: wanted)
  }

  /// The offset of the first byte that differs; nil if the files are equal, lengths included.
  private func firstDifferentByte(_ expected: FileReference, _ found: FileReference) async throws(FileError) -> Int64? {
    let first = try await engine.open(expected)
    let second: OpenFile
    do throws(FileError) {
      second = try await engine.open(found)
    } catch {
      await engine.close(first)
      throw error
    }
    let result: Result<Int64?, FileError>
    do throws(FileError) {
      result = .success(try await firstDifferentByte(first, second))
    } catch {
      result = .failure(error)
    }
    await engine.close(first)
    await engine.close(second)
    return try result.get()
  }

  private func firstDifferentByte(
    _ first: borrowing OpenFile, _ second: borrowing OpenFile
  ) async throws(FileError) -> Int64? {
    var offset: Int64 = 0
    while true {
      let expected = try await engine.read(first, into: buffers.reference, at: offset)
      let found = try await engine.read(second, into: buffers.tree, at: offset)
      let count = min(expected, found)
      if let index = firstDifference(count) { return offset + Int64(index) }
      if count == 0 { return expected == found ? nil : offset }
      offset += Int64(count)
    }
  }

  /// Searches the first `count` bytes of the buffers.
  private func firstDifference(_ count: Int) -> Int? {
    if count == 0 { return nil }
    return buffers.reference.withBytes(count) { expected in
      buffers.tree.withBytes(count) { found in
        expected.withUnsafeBytes { expected in
          found.withUnsafeBytes { found in
            if memcmp(expected.baseAddress!, found.baseAddress!, count) == 0 { return nil }
            return zip(expected, found).enumerated().first { $0.element.0 != $0.element.1 }?.offset
          }
        }
      }
    }
  }
}
