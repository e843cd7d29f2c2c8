/// A sound that programs can play: two seconds of a wheel's creaking, as a wave file of 8,000 samples a second, 16 bits
/// each, one channel.
extension SampleData {
  static func wheelSound(using random: inout SplitMix64) -> [UInt8] {
    let rate = 8_000
    let count = 2 * rate
    var bytes = Array("RIFF".utf8)
    bytes.append(littleEndian: UInt32(36 + count * 2))
    bytes += Array("WAVEfmt ".utf8)
    bytes.append(littleEndian: 16 as UInt32)
    bytes.append(littleEndian: 1 as UInt16)  // Plain numbers.
    bytes.append(littleEndian: 1 as UInt16)  // One channel.
    bytes.append(littleEndian: UInt32(rate))
    bytes.append(littleEndian: UInt32(rate * 2))
    bytes.append(littleEndian: 2 as UInt16)
    bytes.append(littleEndian: 16 as UInt16)
    bytes += Array("data".utf8)
    bytes.append(littleEndian: UInt32(count * 2))

    // A knock every half second that dies away, above water: noise that is the mean of its last values.
    var water = 0
    for sample in 0..<count {
      let since = sample % (rate / 2)
      let knock = triangle(sample, period: 40 + since / 200) * max(0, 2_000 - since) / 2_000
      water += (random.wobble(4_000) - water) / 4
      bytes.append(littleEndian: Int16(knock * 9 / 10 + water))
    }
    return bytes
  }

  /// A triangle wave between -16,000 and 16,000.
  private static func triangle(_ time: Int, period: Int) -> Int {
    let phase = time % period * 64_000 / period
    return abs(phase - 32_000) - 16_000
  }
}
