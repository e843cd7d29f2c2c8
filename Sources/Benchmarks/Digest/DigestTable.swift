import Crypto
import FileStages
import Generators
import Measurement

/// What digests cost: of much, by the byte, and of little, by the file.
struct DigestTable {
  let rounds: Int

  /// Fits into most second-level caches, as a read buffer does.
  private static let large = 128 * 1024
  private static let small = 1024
  /// Each measurement takes about that many bytes through the large buffer, or as many files as would be of this size.
  private static let bytes = 32 << 20
  private static let smallFiles = 20_000

  private struct Digester {
    let name: String
    /// Takes a buffer so many times into one digest.
    let digest: @Sendable (_ buffer: [UInt8], _ times: Int) -> Void
  }

  private static let digesters =
    [
      Digester(name: "swift-crypto SHA256 itself") { buffer, times in
        var hash = SHA256()
        for _ in 0..<times { hash.update(data: buffer) }
        withExtendedLifetime(hash.finalize()) {}
      }
    ]
    + DigestAlgorithm.allCases.filter(\.isAvailable).map { algorithm in
      Digester(name: algorithm.rawValue) { buffer, times in
        var reducer = DigestReducer(algorithm)
        for _ in 0..<times { reducer.update(buffer.span.bytes) }
        withExtendedLifetime(reducer.finish()) {}
      }
    }

  func measured() -> MeasuredTable {
    let (large, small) = (Self.buffer(Self.large), Self.buffer(Self.small))
    var rates = [[Double]](repeating: [], count: Self.digesters.count)
    var times = rates
    for _ in 0..<rounds {
      for (index, digester) in Self.digesters.enumerated() {
        let repeats = Self.bytes / Self.large
        let taken = Self.nanoseconds { digester.digest(large, repeats) }
        rates[index].append(Double(repeats * Self.large) / 1e6 / (taken / 1e9))
        times[index].append(
          Self.nanoseconds { for _ in 0..<Self.smallFiles { digester.digest(small, 1) } } / Double(Self.smallFiles))
      }
    }
    return MeasuredTable(
      "digest", title: "Digests on one processor: much in pieces of 128 KiB, and files of 1 KiB",
      columns: [
        .init("megabytesPerSecond", "MB/s", places: 0), .init("least", "min", places: 0),
        .init("most", "max", places: 0), .init("ratio", "× swift-crypto", places: 2),
        .init("smallFileNanoseconds", "ns a file", places: 0),
      ],
      rows: Self.digesters.indices.map { index in
        let rate = Sample(rates[index])!
        return .init(
          Self.digesters[index].name,
          [
            "megabytesPerSecond": rate.median, "least": rate.minimum, "most": rate.maximum,
            "ratio": rate.ratioOfMedians(to: Sample(rates[0])!), "smallFileNanoseconds": Sample(times[index])!.median,
          ])
      })
  }

  private static func buffer(_ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: 1, stream: "digest")
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private static func nanoseconds(_ body: () -> Void) -> Double {
    ContinuousClock().measure(body) / .nanoseconds(1)
  }
}
