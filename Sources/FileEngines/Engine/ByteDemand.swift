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
    do {
      return try body(bytes)
    } catch let error as FileError {
      throw error
    } catch is CancellationError {
      throw FileError(self, .process, offset: offset, .cancelled)
    } catch {
      throw FileError(self, .process, offset: offset, .processing(ProcessingError(error)))
    }
  }
}
