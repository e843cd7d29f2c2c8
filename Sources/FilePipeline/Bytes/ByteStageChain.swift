/// The byte stages of a run, in sequence, for the files of one worker. The stages are made for each file; the buffers
/// between them are reused.
///
/// For each file, call ``begin()``, then ``push(_:into:)`` for each piece until it has enough, then ``finish(into:)``.
/// After an error only ``begin()`` may follow.
@usableFromInline
package final class ByteStageChain {
  private let links: [Link]

  /// Whether no further byte of the file is needed. A stage that has enough has enough for all stages before it.
  @usableFromInline package private(set) var hasEnough = false

  @usableFromInline
  package init(_ makers: [@Sendable () -> any ByteStage], outputLimit: Int = ByteOutput.defaultLimit) {
    links = makers.map { Link($0, outputLimit) }
  }

  /// Makes the stages, for the next file.
  @usableFromInline
  package func begin() {
    hasEnough = false
    for link in links { link.begin() }
  }

  /// Passes bytes of the file through the stages, and calls `body` with the output, if there is any.
  @usableFromInline
  package func push(_ bytes: RawSpan, _ body: (RawSpan) throws -> Void) throws {
    try push(bytes, from: 0, body)
  }

  /// Finishes the stages from the first to the last, after the last byte of the file, or when a stage has enough. Not
  /// needed if the receiver had enough before: see ``ByteStage/finish(into:)``.
  @usableFromInline
  package func finish(_ body: (RawSpan) throws -> Void) throws {
    // The stages before one that has enough have not seen the whole file, and it takes no further bytes.
    let first = links.lastIndex { $0.hasEnough } ?? 0
    for index in links.indices.dropFirst(first) {
      try links[index].finish()
      try links[index].output.withBytes { try push($0, from: index + 1, body) }
    }
    for link in links { link.end() }
  }

  private func push(_ bytes: RawSpan, from first: Int, _ body: (RawSpan) throws -> Void) throws {
    if bytes.byteCount == 0 { return }
    if first == links.count { return try body(bytes) }
    let link = links[first]
    if link.hasEnough { return }
    try link.transform(bytes)
    if link.hasEnough { hasEnough = true }
    try link.output.withBytes { try push($0, from: first + 1, body) }
  }
}

extension ByteStageChain {
  /// Passes bytes of the file through the stages to a reducer, and returns whether more are needed.
  @inlinable
  package func push(_ bytes: RawSpan, into reducer: inout some ByteReducer) throws -> ByteDemand {
    try push(bytes) { try reducer.update($0) }
    return hasEnough || reducer.hasEnough ? .enough : .more
  }

  /// Called after the last ``push(_:into:)``: finishes the stages and then the reducer, and returns its output.
  @inlinable
  package func finish<Reducer: ByteReducer>(into reducer: inout Reducer) throws -> Reducer.Output {
    if !reducer.hasEnough {
      try finish { if !reducer.hasEnough { try reducer.update($0) } }
    }
    return try reducer.finish()
  }
}

/// A stage and its output.
private final class Link {
  private let make: @Sendable () -> any ByteStage
  /// Nil between two files.
  private var stage: (any ByteStage)?
  var output: ByteOutput

  init(_ make: @escaping @Sendable () -> any ByteStage, _ outputLimit: Int) {
    self.make = make
    output = ByteOutput(limit: outputLimit)
  }

  var hasEnough: Bool { stage?.hasEnough ?? false }

  func begin() {
    output.shrink()
    stage = make()
  }

  func transform(_ bytes: RawSpan) throws {
    output.removeAll()
    // Most stages append as many bytes as they get, or fewer.
    output.reserve(bytes.byteCount)
    try stage!.transform(bytes, into: &output)
    try output.checkLimit()
  }

  func finish() throws {
    output.removeAll()
    try stage!.finish(into: &output)
    try output.checkLimit()
  }

  func end() {
    stage = nil
    output.shrink()
  }
}
