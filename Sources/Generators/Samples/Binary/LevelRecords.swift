/// The levels at the weir as its recorder keeps them: a header and records of one size, little-endian throughout.
///
/// | offset | in the header (16 bytes)      | in a record (24 bytes)              |
/// |--------|-------------------------------|-------------------------------------|
/// | 0      | the letters `WEIR`            | milliseconds since 1970, `UInt64`   |
/// | 4      | version, `UInt16`             |                                     |
/// | 6      | bytes in a record, `UInt16`   |                                     |
/// | 8      | count of records, `UInt32`    | level in micrometres, `Int32`       |
/// | 12     | zero, `UInt32`                | flow in litres a second, `Float32`  |
/// | 16     |                               | station, `UInt16`                   |
/// | 18     |                               | flags, `UInt16`: 1 ice, 2 estimated |
/// | 20     |                               | sum of the bytes so far, `UInt32`   |
extension SampleData {
  /// Three stations, a record each every fifteen minutes, three weeks.
  static func levelRecords(using random: inout SplitMix64) -> [UInt8] {
    let count = 21 * 96 * 3
    var bytes = Array("WEIR".utf8)
    bytes.append(littleEndian: 2 as UInt16)
    bytes.append(littleEndian: 24 as UInt16)
    bytes.append(littleEndian: UInt32(count))
    bytes.append(littleEndian: 0 as UInt32)

    var moment = Moment(month: 2, day: 1)
    var levels = [1_431_000, 1_212_500, 987_250]
    for number in 0..<count {
      let station = number % levels.count
      levels[station] += random.wobble(2_500) + (1_300_000 - levels[station]) / 500
      bytes += levelRecord(station: station, level: levels[station], at: moment, using: &random)
      if station == levels.count - 1 { moment.advance(seconds: 900) }
    }
    return bytes
  }

  private static func levelRecord(
    station: Int, level: Int, at moment: Moment, using random: inout SplitMix64
  ) -> [UInt8] {
    var record: [UInt8] = []
    record.append(littleEndian: UInt64(moment.unixMilliseconds))
    record.append(littleEndian: Int32(level))
    // Eighths are exact in binary: no rounding, and so none that could differ.
    record.append(littleEndian: (Float(level / 400 + random.below(80)) / 8).bitPattern)
    record.append(littleEndian: UInt16(station + 1))
    record.append(littleEndian: UInt16((random.oneIn(50) ? 1 : 0) | (random.oneIn(90) ? 2 : 0)))
    record.append(littleEndian: record.reduce(0 as UInt32) { $0 + UInt32($1) })
    return record
  }
}
