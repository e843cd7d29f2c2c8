/// A water wheel and what it gives.
struct Wheel {
  /// In metres.
  var diameter: Double

  /// How much each bucket holds, in litres.
  var bucket: Double

  /// How many buckets there are.
  var count: Int

  /// The power at the shaft in watts, with `flow` in litres a second. A third is lost on the way.
  func power(flow: Double) -> Double {
    flow * diameter * 9.81 * 2 / 3
  }

  /// Turns a minute, if every bucket is filled to the brim.
  func speed(flow: Double) -> Double {
    guard count > 0, bucket > 0 else { return 0 }
    return flow / (bucket * Double(count)) * 60
  }
}

let wheel = Wheel(diameter: 4.2, bucket: 28, count: 36)
for flow in stride(from: 40.0, through: 200, by: 40) {
  print("\(flow) l/s: \(Int(wheel.power(flow: flow))) W, \(wheel.speed(flow: flow)) rpm")
}
