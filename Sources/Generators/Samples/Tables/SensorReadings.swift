/// What the sensors say: comma-separated numbers that drift, with a gap here and there.
extension SampleData {
  /// The wheel's speed and load, every twenty minutes of a month. By night the sluice is shut.
  static func wheelReadings(month: Int, using random: inout SplitMix64) -> String {
    var lines = ["time,rpm,torque_nm,water_level_mm,bearing_celsius,state"]
    var moment = Moment(month: month, day: 1)
    var level = 1_420
    var bearing = 110
    while moment.month == month {
      let runs = (6...18).contains(moment.hour) && moment.weekday != 6
      level = min(max(level + random.wobble(6) + (runs ? -1 : 1), 1_150), 1_780)
      bearing += bearingDrift(at: bearing, runs: runs, using: &random)
      let speed = runs ? 820 + (level - 1_400) / 2 + random.wobble(40) : 0
      let torque = runs ? 1_900 + random.wobble(220) : 0
      let silent = random.oneIn(240)
      let fields = [
        moment.iso, silent ? "" : decimal(speed, places: 2), silent ? "" : String(torque), String(level),
        decimal(bearing, places: 1), silent ? "silent" : runs ? "grinding" : "still",
      ]
      lines.append(fields.joined(separator: ","))
      moment.advance(seconds: 1_200)
    }
    return joined(lines)
  }

  /// How much the bearing warms or cools in twenty minutes, in tenths of a degree.
  private static func bearingDrift(at warmth: Int, runs: Bool, using random: inout SplitMix64) -> Int {
    switch (runs, warmth) {
    case (true, ..<380): random.within(2...14)
    case (true, _): random.wobble(6)
    case (false, 106...): -11
    case (false, _): random.wobble(2)
    }
  }

  /// How warm the two pairs of stones are, every quarter of an hour through one week: flour burns above 40 °C.
  static func stoneTemperatures(using random: inout SplitMix64) -> String {
    var lines = ["time,stone,celsius"]
    var moment = Moment(month: 3, day: 10, hour: 6)
    let stones = ["east", "west"]
    var warmth = [124, 119]
    for _ in 0..<(7 * 96) {
      let runs = (6...18).contains(moment.hour)
      for index in stones.indices {
        let now = warmth[index]
        let next =
          runs
          ? min(now + random.within(-3...9), 396 + random.wobble(6))
          : max(now - 12, 115 + random.wobble(4))
        warmth[index] = next
        lines.append("\(moment.iso),\(stones[index]),\(decimal(next, places: 1))")
      }
      moment.advance(seconds: 900)
    }
    return joined(lines)
  }

  /// The flood of another year, read by hand from the board at the weir.
  static func floodGauge(using random: inout SplitMix64) -> String {
    var lines = ["day,hour,level_mm,remark"]
    var level = 1_510
    for day in 1...9 {
      for hour in stride(from: 0, to: 24, by: 3) {
        level += day < 5 ? random.within(10...70) : -random.within(5...65)
        let remark = level > 2_400 ? random.pick(["over the step", "the ducks left", "yard under water", ""]) : ""
        lines.append("\(day),\(hour),\(level),\(remark)")
      }
    }
    return joined(lines)
  }
}
