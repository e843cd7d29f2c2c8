import FilePipeline
import Measurement

/// Counts that repeat, each with the most that it may be. Times are never among them.
struct GateTable {
  let paths: [String]
  var rounds = 5
  /// Others than the ones below, by name.
  var limits: [String: Double] = [:]

  /// As often the rounds are counted while a count is above its limit: a busy machine only adds.
  private static let attempts = 4

  /// Files in flight on each loop: as many as the promise of enters is made for.
  private static let depth = 64

  /// For each file of the corpus, warm. What was counted on two processors stands beside each: the limits leave room
  /// for another machine's timing, and for less than one further allocation, call or switch a file.
  /// The threads of a run wait for one another where there is nothing else to do: on an idle machine a file read by
  /// FileHandle costs 0.4 futex(2) calls and more, on a busy one 0.1.
  private static let counted: [(reader: Reader, kind: FileCounts.Kind, limit: Double)] = [
    (.uring, .enters, 0.1),  // 0.0005 to 0.016
    (.uring, .allocations, 3),  // 2.0 to 2.7: the entry, the file's reference, and what leaves together
    (.uring, .systemCalls, 4.7),  // 3.8: open, read, close; a stat or a second read of some
    (.uring, .contextSwitches, 0.5),  // 0 to 0.06
    (.threads, .allocations, 3.3),  // 2.15 to 2.8
    (.threads, .systemCalls, 5.7),  // 4.9
    (.threads, .contextSwitches, 0.8),  // 0.06 to 0.1
    (.blocking, .systemCalls, 13.4),  // 11.9 (busy machine) to 12.9 (idle): FileHandle reads a page at a time
  ]

  /// The names that a limit can be given for.
  static let names = Set(counted.map { name($0.reader, $0.kind) })

  private static func name(_ reader: Reader, _ kind: FileCounts.Kind) -> String { "\(reader).\(kind.rawValue)" }

  /// - Throws: ``CannotMeasure`` where there is no io_uring: a gate that counts nothing would hold back nothing.
  func measured() async throws -> MeasuredTable {
    if let reason = FileEngineKind.uringRefusal { throw CannotMeasure("without io_uring: \(reason.sentence)") }
    var table = MeasuredTable(
      "gates", title: "",
      columns: FileCounts.Kind.allCases.map {
        .init($0.rawValue, $0.rawValue.split(separator: "-").joined(separator: " "), places: 4)
      })
    var files = 0
    try await TemporaryTree.with { empty in
      for reader in Reader.allCases {
        var counts = FileCounts(reader, paths: paths, depth: reader == .uring ? Self.depth : nil, rounds: rounds)
        for attempt in 0..<Self.attempts where attempt == 0 || gates(counts).contains(where: \.isExceeded) {
          try counts.count(empty: empty)
        }
        files = counts.files
        var values = Dictionary(uniqueKeysWithValues: counts.perFile.map { ($0.key.rawValue, Optional($0.value)) })
        if reader != .uring { values[FileCounts.Kind.enters.rawValue] = nil }
        table.rows.append(.init(reader.rawValue, values))
        table.gates += gates(counts)
      }
    }
    return MeasuredTable(
      table.name, title: "A file in counts, warm: the least of \(rounds) rounds or more, over \(files) files, read",
      columns: table.columns, rows: table.rows, notes: notes(table.gates), gates: table.gates)
  }

  private func gates(_ counts: FileCounts) -> [Gate] {
    Self.counted.filter { $0.reader == counts.reader }.compactMap { _, kind, limit in
      let name = Self.name(counts.reader, kind)
      return counts.perFile[kind].map { Gate(name, count: $0, limit: limits[name] ?? limit) }
    }
  }

  private func notes(_ gates: [Gate]) -> [String] {
    let missing = Self.names.subtracting(gates.map(\.name)).sorted()
    return ["Limits: " + gates.map { "\($0.name) \($0.limit)" }.joined(separator: ", ") + "."]
      + (missing.isEmpty ? [] : ["Not counted here, and not gated: \(missing.joined(separator: ", "))."])
  }
}
