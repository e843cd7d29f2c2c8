import FilePipeline
import Measurement

/// The engines beside a plain loop and other programs, at each job, warm and cold.
struct EngineTables {
  let paths: [String]
  var jobs = Job.reading
  var caches = CacheState.allCases
  var rounds = 5
  var depth: Int? = nil
  var rivals: [Rival] = []

  func measured() async throws -> [MeasuredTable] {
    let readers = usableReaders
    var tables: [MeasuredTable] = []
    for cache in usableCaches {
      for job in jobs {
        let contenders = readers.map { Contender.reader($0, job, depth: depth) } + rivals.map(\.contender)
        tables.append(
          try await Contest(job: job, cache: cache, contenders: contenders, paths: paths, rounds: rounds).measured())
      }
    }
    return tables
  }

  private var usableReaders: [Reader] {
    guard let reason = FileEngineKind.uringRefusal else { return Reader.allCases }
    tell("without io_uring: \(reason.sentence)")
    return Reader.allCases.filter { $0 != .uring }
  }

  private var usableCaches: [CacheState] {
    if !caches.contains(.cold) || KernelCaches.canBeEmptied { return caches }
    tell("nothing cold: only root can write to \(KernelCaches.control), which empties the caches.")
    return caches.filter { $0 != .cold }
  }
}
