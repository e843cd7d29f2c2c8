import FileStages

/// Bytes that repeat after a prime number of them, so that no two blocks of a power of two look the same.
func sampleBytes(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8($0 % 251) }
}

let availableAlgorithms = DigestAlgorithm.allCases.filter(\.isAvailable)
