import SystemPackage

/// How a file is opened for writing.
public enum WritingMode: Sendable, Hashable {
  /// The file must be there.
  case existing
  /// The file is made if it is not there. What it contains stays: ``FileWriting/setSize(_:to:)`` empties it.
  case create
  /// The file must not be there.
  case createExclusively
  /// As ``create``, and all that is written goes to the end.
  case append
}

/// A regular file that an engine has opened for writing. The code that opened it closes it with
/// ``FileWriting/close(_:)``; that of a ``TemporaryFile`` is closed when the temporary file is published or discarded.
public struct WritableFile: Sendable {
  /// What errors name: for a temporary file, its target.
  public let reference: FileReference
  package let descriptor: FileDescriptor
  /// Whether calls on it may ask a daemon or a server, as far as that was known when it was opened.
  var isSlow = false
  /// The blocking engine's `FileHandle`.
  var handle: (AnyObject & Sendable)?

  package init(reference: FileReference, descriptor: FileDescriptor) {
    self.reference = reference
    self.descriptor = descriptor
  }
}

/// A file that gets its name when it is complete. See ``FileWriting/makeTemporary(for:_:)``.
public struct TemporaryFile: Sendable {
  /// To be written.
  public internal(set) var file: WritableFile
  let place: TargetPlace
  /// The hidden name, if it must have one.
  let hiddenName: HiddenName?
  /// What it gets before its name; nil if it was made with the right ones.
  var permissions: FilePermissions?
  let replacesExisting: Bool
  package let durability: Durability
}
