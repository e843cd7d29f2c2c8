/// A picture that programs can open: a water wheel at dusk, as a bitmap of 24 bits a point.
extension SampleData {
  static func wheelPicture() -> [UInt8] {
    let width = 160
    let height = 120
    let size = width * height * 3
    var bytes = Array("BM".utf8)
    bytes.append(littleEndian: UInt32(54 + size))
    bytes.append(littleEndian: 0 as UInt32)
    bytes.append(littleEndian: 54 as UInt32)  // Where the points begin.
    bytes.append(littleEndian: 40 as UInt32)  // The size of what follows up to there.
    bytes.append(littleEndian: Int32(width))
    bytes.append(littleEndian: Int32(height))
    bytes.append(littleEndian: 1 as UInt16)
    bytes.append(littleEndian: 24 as UInt16)
    bytes.append(littleEndian: 0 as UInt32)  // Not compressed.
    bytes.append(littleEndian: UInt32(size))
    for _ in 0..<2 { bytes.append(littleEndian: 2835 as Int32) }  // Points a metre.
    for _ in 0..<2 { bytes.append(littleEndian: 0 as UInt32) }  // No palette.

    // The lowest row comes first, and blue before red. A row is a multiple of four bytes without padding.
    for y in 0..<height {
      for x in 0..<width {
        let color = wheelColor(x: x, y: y)
        bytes += [color.blue, color.green, color.red]
      }
    }
    return bytes
  }

  /// The colour at a point, with y upwards: the wheel, else the water, else the sky.
  private static func wheelColor(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let dx = x - 86
    let dy = y - 58
    let squared = dx * dx + dy * dy
    let isRim = (38 * 38...42 * 42).contains(squared)
    let isHub = squared <= 6 * 6
    // Eight spokes along the axes and the diagonals, and paddles where they leave the rim.
    let onSpoke = min(abs(dx), abs(dy), abs(dx - dy), abs(dx + dy)) <= 1
    let isWood = isRim || isHub || (onSpoke && squared <= 48 * 48)
    if y < 24 {
      let ripple = (x + y * y * 3) % 23 < 5
      return isWood ? (52, 44, 48) : ripple ? (150, 176, 196) : (44, 82, 118)
    }
    if isWood { return isHub ? (70, 44, 26) : (108, 72, 40) }
    return (UInt8(232 - y), UInt8(196 - y), UInt8(120 + y / 2))
  }
}
