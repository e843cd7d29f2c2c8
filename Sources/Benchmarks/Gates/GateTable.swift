import FilePipeline
import Foundation
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

  /// Whose counts they are.
  private struct Subject: Hashable {
    let reader: Reader
    var job = Job.read

    static func copying(_ reader: Reader) -> Subject { Subject(reader: reader, job: .copy) }

    /// As a row of the table, and the beginning of a gate's name.
    var name: String { job == .read ? reader.rawValue : "\(job).\(reader)" }

    /// - Parameter parent: for what is copied.
    func contender(depth: Int?, into parent: String) -> Contender {
      job == .copy ? .copier(reader, into: parent, depth: depth) : .reader(reader, job, depth: depth)
    }
  }

  private static let subjects =
    Reader.allCases.map { Subject(reader: $0) } + [Subject.copying(.uring), .copying(.threads)]

  /// For each file of the corpus, warm. What was counted on two processors stands beside each: the limits leave room
  /// for another machine's timing, and for less than one further allocation, call or switch a file.
  /// The threads of a run wait for one another where there is nothing else to do: on an idle machine a file read by
  /// FileHandle costs 0.4 futex(2) calls and more, on a busy one 0.1.
  private static let counted: [(subject: Subject, kind: FileCounts.Kind, limit: Double)] = [
    (Subject(reader: .uring), .enters, 0.1),  // 0.0005 to 0.016
    (Subject(reader: .uring), .allocations, 3),  // 2.0 to 2.7: the entry, its reference, batches
    (Subject(reader: .uring), .systemCalls, 4.7),  // 3.8: open, read, close; a stat or a second read of some
    (Subject(reader: .uring), .contextSwitches, 0.5),  // 0 to 0.06
    (Subject(reader: .threads), .allocations, 3.3),  // 2.15 to 2.8
    (Subject(reader: .threads), .systemCalls, 5.7),  // 4.9
    (Subject(reader: .threads), .contextSwitches, 0.8),  // 0.06 to 0.1
    (Subject(reader: .blocking), .systemCalls, 13.4),  // 11.9 (busy machine) to 12.9 (idle): a page at a time
    (.copying(.uring), .enters, 0.1),  // 0.006
    (.copying(.uring), .allocations, 17),  // 15.5 to 15.6: names, attributes, the result
    (.copying(.uring), .systemCalls, 14.7),  // 13.4 to 13.5: six to read it, five to write it
    (.copying(.uring), .contextSwitches, 0.7),  // 0.14
    (.copying(.threads), .allocations, 23),  // 20.3 to 21
    (.copying(.threads), .systemCalls, 17.5),  // 14.9 to 15.8
  ]

  /// The names that a limit can be given for.
  static let names = Set(counted.map { name($0.subject, $0.kind) })

  private static func name(_ subject: Subject, _ kind: FileCounts.Kind) -> String { "\(subject.name).\(kind.rawValue)" }

  /// - Throws: ``CannotMeasure`` where there is no io_uring: a gate that counts nothing would hold back nothing.
  func measured() async throws -> MeasuredTable {
    if let reason = FileEngineKind.uringRefusal { throw CannotMeasure("without io_uring: \(reason.sentence)") }
    var table = MeasuredTable(
      "gates", title: "",
      columns: FileCounts.Kind.allCases.map {
        .init($0.rawValue, $0.rawValue.split(separator: "-").joined(separator: " "), places: 4)
      })
    var files = 0
    for subject in Self.subjects {
      // What was copied goes at once.
      try await TemporaryTree.with { parent in
        let empty = "\(parent)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
        let depth = subject.reader == .uring ? Self.depth : nil
        var counts = FileCounts(subject.contender(depth: depth, into: parent), paths: paths, rounds: rounds)
        for attempt in 0..<Self.attempts where attempt == 0 || gates(subject, counts).contains(where: \.isExceeded) {
          try counts.count(empty: empty)
        }
        files = counts.files
        var values = Dictionary(uniqueKeysWithValues: counts.perFile.map { ($0.key.rawValue, Optional($0.value)) })
        if subject.reader != .uring { values[FileCounts.Kind.enters.rawValue] = nil }
        table.rows.append(.init(subject.name, values))
        table.gates += gates(subject, counts)
      }
    }
    return MeasuredTable(
      table.name,
      title: "A file in counts, warm: the least of \(rounds) rounds or more, over \(files) files, read or copied",
      columns: table.columns, rows: table.rows, notes: notes(table.gates), gates: table.gates)
  }

  private func gates(_ subject: Subject, _ counts: FileCounts) -> [Gate] {
    Self.counted.filter { $0.subject == subject }.compactMap { _, kind, limit in
      let name = Self.name(subject, kind)
      return counts.perFile[kind].map { Gate(name, count: $0, limit: limits[name] ?? limit) }
    }
  }

  private func notes(_ gates: [Gate]) -> [String] {
    let missing = Self.names.subtracting(gates.map(\.name)).sorted()
    return ["Limits: " + gates.map { "\($0.name) \($0.limit)" }.joined(separator: ", ") + "."]
      + (missing.isEmpty ? [] : ["Not counted here, and not gated: \(missing.joined(separator: ", "))."])
  }
}
