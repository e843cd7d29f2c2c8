import CProcess
import FilePipeline
import Glibc

/// Compares the trees that a comparison has written, entry by entry: with the source, and with one another.
struct TreeComparison {
  let job: CompareJob
  let trees: ComparedTrees
  let folder: ComparisonFolder
  /// Entries of the source that no run could copy.
  let failed: Set<[UInt8]>

  /// The first difference: of the first run's tree from the source, for a copy, or of another run's tree from the
  /// first's.
  func difference(_ runs: [ComparedRun]) async throws -> TreeDifference? {
    // The threads engine works everywhere, and its threads may block.
    try await withFileEngine(.threads) { engine in
      guard let first = runs.first else { return nil }
      let written = trees.roots(in: folder.path(of: first))
      if job == .copy {
        let found = try await Self.difference(
          of: written, from: trees.roots, attributes: attributesOfCopies(), passing: failed, engine)
        if let found { return difference(found, first, from: nil) }
      }
      for run in runs.dropFirst() {
        let found = try await Self.difference(
          of: trees.roots(in: folder.path(of: run)), from: written, attributes: attributesOfTrees, passing: nil, engine)
        if let found { return difference(found, run, from: first) }
      }
      return nil
    }
  }

  private func difference(
    _ found: (pair: TreePair, aspect: TreeDifference.Aspect), _ tree: ComparedRun, from reference: ComparedRun?
  ) -> TreeDifference {
    var path = trees.roots[found.pair.root]
    if !found.pair.pathBelowRoot.isEmpty && path.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
    return TreeDifference(
      path: path + found.pair.pathBelowRoot, aspect: found.aspect, tree: tree, reference: reference)
  }

  // MARK: Attributes

  /// Compared between the trees of two runs. A transformed file has the time of its run.
  private var attributesOfTrees: ComparedAttributes { job == .copy ? .all : .all.subtracting(.times) }

  /// Compared between a copy and its source. Only root can copy owners and the set-ID bits, and another file system may
  /// not support the source's extended attributes.
  private func attributesOfCopies() -> ComparedAttributes {
    if geteuid() != 0 { return [.times, .hardLinks] }
    let types = (trees.roots + [folder.directoryPath]).map(Self.fileSystemType)
    return Set(types).count == 1 ? .all : .all.subtracting(.allExtended)
  }

  /// Nil if it is not known.
  private static func fileSystemType(_ path: [UInt8]) -> Int? {
    var type = 0
    let result = FilePath(bytes: path).withPlatformString { process_file_system_type($0, &type) }
    return result == 0 ? type : nil
  }

  // MARK: Trees

  /// The first entry that differs, in the order of a walk.
  ///
  /// - Parameters:
  ///   - passed: see ``TreePairs``.
  ///   - engine: reads the files; its threads may block.
  static func difference(
    of tree: [[UInt8]], from reference: [[UInt8]], attributes: ComparedAttributes, passing passed: Set<[UInt8]>?,
    _ engine: any FileEngine
  ) async throws -> (pair: TreePair, aspect: TreeDifference.Aspect)? {
    try await withThreadExecutor(name: "tree-pairs") { thread in
      let pairs = Pipeline(on: thread) {
        var pairs = TreePairs(reference, tree, passing: passed)
        return { try pairs.nextBatch() }
      }
      let compared = pairs.mapAsync(on: engine.workers, open: { EntryComparer(engine, attributes) }) { comparer, pair in
        await comparer.difference(pair).map { Found(pair: pair, aspect: $0) }
      }
      do {
        try await compared.forEach { found in if let found { throw found } }
        return nil
      } catch let failure as PipelineFailure {
        guard let found = failure.cause as? Found else { throw failure }
        return (found.pair, found.aspect)
      }
    }
  }

  /// Ends the comparison: only the first difference is reported.
  private struct Found: Error {
    let pair: TreePair
    let aspect: TreeDifference.Aspect
  }
}
