import FilePipeline
import Foundation
import Measurement

/// What a file costs before it is opened: finding it.
struct WalkTable {
  let paths: [String]
  let rounds: Int

  private struct Walker {
    let name: String
    /// - Returns: how many regular files it found.
    let count: @Sendable ([String]) throws -> Int
  }

  private static let walkers = [
    Walker(name: "readdir by hand, unsorted") { paths in
      var count = 0
      for path in paths { try PlainWalk.files(under: path) { _, _ in count += 1 } }
      return count
    },
    Walker(name: "DirectoryWalk, sorted") { paths in
      var walk = DirectoryWalk(paths.map { Array($0.utf8) })
      var count = 0
      while let batch = try walk.nextBatch() {
        for entry in batch {
          _ = try entry.outcome.get()
          count += 1
        }
      }
      return count
    },
    Walker(name: "FileManager.enumerator, unsorted") { paths in
      var count = 0
      for path in paths {
        let files = FileManager.default.enumerator(
          at: URL(fileURLWithPath: path).resolvingSymlinksInPath(), includingPropertiesForKeys: [.isRegularFileKey])
        while let url = files?.nextObject() as? URL {
          if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true { count += 1 }
        }
      }
      return count
    },
  ]

  func measured() async throws -> MeasuredTable {
    var times = [[Double]](repeating: [], count: Self.walkers.count)
    var processorTimes = times
    var files = 0
    // The first round fills the caches.
    for round in 0...rounds {
      for (index, walker) in Self.walkers.enumerated() {
        let (start, before) = (ContinuousClock.now, ResourceUsage.now)
        let count = try walker.count(paths)
        let time = (ContinuousClock.now - start) / .microseconds(1)
        if round == 0 {
          if index > 0 && count != files {
            throw CannotMeasure("\(walker.name) found \(count) files, and \(Self.walkers[0].name) \(files)")
          }
          files = count
        } else {
          times[index].append(time / Double(max(count, 1)))
          processorTimes[index].append((ResourceUsage.now - before).cpuSeconds * 1e6 / Double(max(count, 1)))
        }
      }
    }
    let reference = Sample(times[0])!
    return MeasuredTable(
      "walk", title: "Finding \(files) files, warm: microseconds for a file",
      columns: [
        .init("microseconds", "µs", places: 2), .init("least", "min", places: 2), .init("most", "max", places: 2),
        .init("ratio", "× by hand", places: 2), .init("processorMicroseconds", "CPU µs", places: 2),
      ],
      rows: Self.walkers.indices.map { index in
        let sample = Sample(times[index])!
        return .init(
          Self.walkers[index].name,
          [
            "microseconds": sample.median, "least": sample.minimum, "most": sample.maximum,
            "ratio": sample.ratioOfMedians(to: reference),
            "processorMicroseconds": Sample(processorTimes[index])!.median,
          ])
      })
  }
}
