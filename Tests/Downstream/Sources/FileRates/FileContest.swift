import FilePipeline

/// Several ways to read all files of a tree, in turn, round after round.
struct FileContest {
  let path: String
  let rounds: Int

  func measured() async throws -> MeasuredTable {
    let readers = TreeReader.all
    var (walls, processors) = ([[Double]](repeating: [], count: readers.count), [[Double]]())
    processors = walls
    var expected: TreeReader.Count?
    // Round 0 is not counted: it fills the caches.
    for round in 0...rounds {
      for (index, reader) in readers.enumerated() {
        let (start, before) = (ContinuousClock.now, ResourceUsage.now)
        let count = try await reader.read(path)
        let wall = (ContinuousClock.now - start) / .seconds(1)
        if count != expected ?? count { throw ReadsDiffer(reader: reader.name, count: count) }
        expected = count
        if round == 0 { continue }
        walls[index].append(wall)
        processors[index].append((ResourceUsage.now - before).cpuSeconds)
      }
    }
    return table(readers, walls.map { Sample($0)! }, processors.map { Sample($0)! }, expected)
  }

  private func table(
    _ readers: [TreeReader], _ walls: [Sample], _ processors: [Sample], _ count: TreeReader.Count?
  ) -> MeasuredTable {
    MeasuredTable(
      "file-rates", title: "Reading \(count?.files ?? 0) files, \(count?.bytes ?? 0) bytes, warm: \(rounds) rounds",
      columns: [
        .init("seconds", "wall s", places: 3), .init("least", "min", places: 3), .init("most", "max", places: 3),
        .init("speedup.nio", "× NIO", places: 2), .init("cpuSeconds", "CPU s", places: 3),
      ],
      rows: readers.indices.map { index in
        .init(
          readers[index].name,
          [
            "seconds": walls[index].median, "least": walls[index].minimum, "most": walls[index].maximum,
            "speedup.nio": walls[0].ratioOfMedians(to: walls[index]), "cpuSeconds": processors[index].median,
          ])
      },
      notes: ["× NIO is how many times as fast: NIO's median by this one's. The walk is part of it."])
  }
}

/// What one of them read is not what the others did.
struct ReadsDiffer: Error {
  let reader: String
  let count: TreeReader.Count
}

/// One way to read all files of a tree.
struct TreeReader {
  struct Count: Equatable {
    var files = 0
    var bytes: Int64 = 0
  }

  let name: String
  /// Finds and reads every regular file below a directory.
  let read: (_ path: String) async throws -> Count

  /// The first is the one that the others are compared with.
  static var all: [TreeReader] {
    [nio(tasks: 16), nio(tasks: 1)] + (FileEngineKind.uringRefusal == nil ? [pipeline(.uring)] : [])
      + [pipeline(.threads), pipeline(.blocking)]
  }

  static func pipeline(_ choice: FileEngineChoice) -> TreeReader {
    TreeReader(name: "FilePipeline, \(choice.rawValue)") { path in
      let report = try await FilePipeline.files(under: SystemPackage.FilePath(path), engine: .choice(choice))
        .reduce { Nothing() }
        .forEach { _ = try $0.value }
      return Count(files: report.stages[1].output, bytes: Int64(report.stages[1].bytes))
    }
  }
}

/// Looks at nothing: what is left is the reading.
private struct Nothing: ByteReducer {
  mutating func update(_ bytes: RawSpan) {}
  mutating func finish() {}
}
