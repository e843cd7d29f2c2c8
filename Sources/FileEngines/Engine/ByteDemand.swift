/// What a body that is called with the bytes of a file says after each piece.
public enum ByteDemand: Sendable {
  /// The next piece is to be read.
  case more
  /// The rest of the file is not to be read. This is no failure.
  case enough
}

/// What the body of a reading threw. ``FileError/Cause/processing(_:)`` has it.
public struct ProcessingError: Error, Sendable {
  public let underlying: any Error

  public init(_ underlying: any Error) {
    self.underlying = underlying
  }
}

extension ProcessingError: CustomStringConvertible {
  public var description: String { String(describing: underlying) }
}

extension ProcessingError: Hashable {
  /// Errors cannot be compared; their descriptions stand for them.
  public static func == (one: Self, other: Self) -> Bool { one.description == other.description }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(description)
  }
}

extension FileReference {
  /// Calls `body` with a piece of the file that begins at `offset`.
  ///
  /// - Throws: a ``FileError`` that `body` throws, as it is; what else it throws as the cause of one.
  func process(
    _ bytes: RawSpan, at offset: Int64, _ body: (RawSpan) throws -> ByteDemand
  ) throws(FileError) -> ByteDemand {
    try processing(at: offset) { try body(bytes) }
  }

  /// Calls `body`, which works on what was read of the file: from `offset` on, or up to there.
  ///
  /// - Throws: as ``process(_:at:_:)``.
  @inlinable
  package func processing<R>(at offset: Int64 = 0, _ body: () throws -> R) throws(FileError) -> R {
    do {
      return try body()
    } catch {
      throw processingFailure(error, at: offset)
    }
  }

  @usableFromInline
  package func processingFailure(_ error: any Error, at offset: Int64) -> FileError {
    switch error {
    case let error as FileError: error
    case is CancellationError: FileError(self, .process, offset: offset, .cancelled)
    default: FileError(self, .process, offset: offset, .processing(ProcessingError(error)))
    }
  }
}
