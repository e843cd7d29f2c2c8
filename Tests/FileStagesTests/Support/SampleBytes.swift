import FileStages

/// Bytes with a prime period, so that adjacent blocks of a power of two differ.
func sampleBytes(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8($0 % 251) }
}

let availableAlgorithms = DigestAlgorithm.allCases.filter(\.isAvailable)
