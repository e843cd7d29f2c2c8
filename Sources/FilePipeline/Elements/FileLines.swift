import FileEngines

extension FileEntry {
  /// The file's lines after its byte stages, as an asynchronous sequence: for work that awaits. For work that only
  /// computes, a ``LineReduction`` or a ``LineSearch`` copies no line.
  ///
  /// ```swift
  /// .mapAsync(width: 8) { file in
  ///   for try await line in file.lines { try await send(line) }
  /// }
  /// ```
  ///
  /// Lines are those of a ``LineSplitter``, of at most ``LineSplitter/defaultLimit`` bytes. As with ``chunks``, at most
  /// the lines of one chunk are held, and the file is closed at its end, after an error, and when the iterator is
  /// released. Iterating throws a ``FileEngines/FileError``: with the cause ``LineTooLong`` for a line that is too
  /// long, and ``FileEngines/FileError/Cause/cancelled`` in a cancelled task.
  public var lines: FileLines { FileLines(file: self, limit: LineSplitter.defaultLimit) }

  /// The same with another limit for a line's length, in bytes.
  public func lines(limit: Int) -> FileLines { FileLines(file: self, limit: limit) }
}

/// The lines of one file, without their terminators; invalid UTF-8 becomes U+FFFD. See ``FileEntry/lines``.
public struct FileLines: AsyncSequence, Sendable {
  public typealias Element = String
  public typealias Failure = FileError

  let file: FileEntry
  let limit: Int

  /// Each iterator opens the file anew.
  public func makeAsyncIterator() -> Iterator {
    Iterator(chunks: FileChunkReader(file), file: file.reference, splitter: LineSplitter(limit: limit))
  }

  public struct Iterator: AsyncIteratorProtocol {
    let chunks: FileChunkReader
    let file: FileReference
    var splitter: LineSplitter
    /// Lines of the last chunk in reverse order.
    var waiting: [String] = []
    /// The number of bytes that were split.
    var offset: Int64 = 0
    var isAtEnd = false
    /// Thrown after the waiting lines.
    var failure: FileError?

    /// The next line; nil at the end, and after an error.
    public mutating func next() async throws(FileError) -> String? {
      while waiting.isEmpty && !isAtEnd {
        do throws(FileError) {
          let chunk = try await chunks.next()
          isAtEnd = chunk == nil
          try split(chunk)
        } catch {
          (isAtEnd, failure) = (true, error)
          await chunks.end()
        }
        waiting.reverse()
      }
      if let line = waiting.popLast() { return line }
      // After the lines before it, wherever chunks end.
      if let error = failure.take() { throw error }
      return nil
    }

    /// As ``next()``, on the actor.
    public nonisolated(nonsending) mutating func next(
      isolation actor: (any Actor)?
    ) async throws(FileError) -> String? {
      try await next()
    }

    /// - Parameter chunk: nil for the end.
    private mutating func split(_ chunk: [UInt8]?) throws(FileError) {
      // Lines before an error are kept.
      var lines: [String] = []
      defer { waiting = lines }
      // Taken out of `self`, which the closure below must not capture.
      var splitter = LineSplitter(limit: splitter.limit)
      swap(&splitter, &self.splitter)
      defer { swap(&splitter, &self.splitter) }
      try file.processing(at: offset) {
        let take = { (line: Line) -> ByteDemand in
          lines.append(line.text)
          return .more
        }
        if let chunk { try splitter.split(chunk.span.bytes, take) } else { try splitter.finish(take) }
      }
      offset += Int64(chunk?.count ?? 0)
    }
  }
}

@available(*, unavailable)
extension FileLines.Iterator: Sendable {}
