import FileEngines

extension FileEntry {
  /// The file's lines, read through its stages, as an asynchronous sequence: for work that awaits. What only computes
  /// is the business of a ``LineReduction`` or a ``LineSearch``, which copies no line.
  ///
  /// ```swift
  /// .mapAsync(width: 8) { file in
  ///   for try await line in file.lines { try await send(line) }
  /// }
  /// ```
  ///
  /// Lines end as a ``LineSplitter`` says, and have at most ``LineSplitter/defaultLimit`` bytes. It is otherwise as
  /// ``chunks``: at most the lines of one piece wait, and the file is closed at its end, after an error, and when the
  /// iterator is given up. Throws a ``FileEngines/FileError``; for a line that is too long its cause is a
  /// ``LineTooLong``.
  public var lines: FileLines { FileLines(file: self, limit: LineSplitter.defaultLimit) }

  /// The same with another bound for a line's length, in bytes.
  public func lines(limit: Int) -> FileLines { FileLines(file: self, limit: limit) }
}

/// The lines of one file, without their terminators; what is not UTF-8 becomes U+FFFD. See ``FileEntry/lines``.
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
    /// Of the last piece; the next is the last.
    var waiting: [String] = []
    /// Bytes that the splitter has had.
    var offset: Int64 = 0
    var isAtEnd = false
    /// To be thrown behind the lines that wait.
    var failure: FileError?

    /// The next line; nil at the end, and behind an error.
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
      // Behind the lines before it, wherever pieces end.
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
      // The lines before an error count.
      var lines: [String] = []
      defer { waiting = lines }
      // Taken out while it is at work, so that there is one of it.
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
