/// A file that is written, as errors name it. In a target tree its path is put together only when an error is made.
struct TargetReference: Sendable {
  private enum Place {
    case reference(FileReference)
    case name([UInt8], TargetDirectory)
  }

  private let place: Place

  init(_ reference: FileReference) {
    place = .reference(reference)
  }

  /// - Parameter name: need not be one that a file can have.
  init(_ name: [UInt8], in directory: TargetDirectory) {
    place = .name(name, directory)
  }

  var reference: FileReference {
    switch place {
    case .reference(let reference): reference
    case .name(let name, let directory): directory.target(name)
    }
  }
}
