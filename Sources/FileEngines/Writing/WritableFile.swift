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
///
/// A file that is dropped instead is closed on the spot, by the thread that drops it, and what closing it would report
/// is lost.
public struct WritableFile: ~Copyable, Sendable {
  /// What errors name: for a temporary file, its target.
  public var reference: FileReference { target.reference }
  let target: TargetReference
  private var owned: OwnedDescriptor
  /// Whether calls on it may ask a daemon or a server, as far as that was known when it was opened.
  var isSlow = false
  /// The blocking engine's `FileHandle`.
  var handle: (AnyObject & Sendable)?

  package init(reference: FileReference, descriptor: FileDescriptor) {
    self.init(TargetReference(reference), descriptor)
  }

  init(_ target: TargetReference, _ descriptor: FileDescriptor) {
    self.target = target
    owned = OwnedDescriptor(descriptor)
  }

  /// Lent as long as the file is open, and never to be closed.
  package var descriptor: FileDescriptor { owned.descriptor }

  /// The descriptor, which the caller closes before this value goes. No call may follow. (It does not consume the
  /// value, since a closure cannot consume what it captures.)
  mutating func takeDescriptor() -> FileDescriptor { owned.take() }

  /// Closes the file now, whatever close(2) says. No call may follow.
  mutating func closeNow() {
    owned.close()
  }
}

/// A file that gets its name when it is complete. See ``FileWriting/makeTemporary(for:_:)``.
///
/// One that is dropped instead of published or discarded is discarded on the spot, by the thread that drops it.
public struct TemporaryFile: ~Copyable, Sendable {
  /// To be written.
  public internal(set) var file: WritableFile
  let place: TargetPlace
  /// The hidden name, if it has one: it is removed with this value.
  var hiddenName: HiddenName?
  /// What it gets before its name; nil if it was made with the right ones.
  var permissions: FilePermissions?
  /// What else it gets before its name.
  let attributes: FileAttributes?
  let replacesExisting: Bool
  package let durability: Durability
  /// What files have that are made where it was, if it was made with the permissions among its attributes and has been
  /// given nothing; nil if it must be asked.
  let newFiles: NewFiles?
  /// Whether all but the name is done, and the contents are brought to the disk together with those of others.
  var isInGroup = false

  init(
    _ file: consuming WritableFile, at place: TargetPlace, _ hiddenName: HiddenName?, _ permissions: FilePermissions?,
    attributes: FileAttributes?, replacesExisting: Bool, durability: Durability, newFiles: NewFiles? = nil
  ) {
    self.file = file
    self.newFiles = newFiles
    (self.place, self.hiddenName, self.permissions) = (place, hiddenName, permissions)
    self.attributes = attributes
    (self.replacesExisting, self.durability) = (replacesExisting, durability)
  }

  deinit {
    if let hiddenName { place.remove(hiddenName) }
    // The place may have another owner for a moment, on a thread that must not block.
    place.close()
  }
}
