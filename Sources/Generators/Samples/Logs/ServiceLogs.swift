/// Logs of programs.
extension SampleData {
  /// What the web server complains of, and how it ends.
  static func errorLog(using random: inout SplitMix64) -> String {
    var lines: [String] = []
    var moment = Moment(month: 3, day: 2)
    for _ in 0..<180 {
      moment.advance(milliseconds: random.within(2_000...1_100_000))
      let client = random.pick(Visitors.addresses)
      let worker = random.within(1...4)
      let (level, message) = random.pick(weighted: [
        (8, ("warn", "\"stock\" took \(random.within(1_001...4_900)) ms to answer, of 1000; client \(client)")),
        (5, ("error", "\"stock\" did not answer; the page went out without prices; client \(client)")),
        (4, ("info", "configuration read again: 14 routes, 2 of them new")),
        (3, ("error", "basket \(random.within(10_000...99_999)): 25 kg of teff asked for, which we do not grind")),
        (2, ("warn", "the level sensor is \(random.within(61...600)) s behind; the page says so")),
      ])
      lines.append("[\(moment.date) \(moment.time).\(moment.thousandths)] [\(level)] [worker \(worker)] \(message)")
    }
    // What a crash leaves behind spans lines.
    lines += [
      "[\(moment.date) \(moment.time).\(moment.thousandths)] [fatal] [worker 2] index 11 is out of 0..<11",
      "    at Prices.row(of:) in Prices.swift:88", "    at Prices.page(for:) in Prices.swift:41",
      "    at Site.answer(_:) in Site.swift:203",
    ]
    return joined(lines)
  }

  /// What the program that moves the gates did, and when it saw no reason to.
  static func sluiceLog(using random: inout SplitMix64) -> String {
    var lines: [String] = []
    var moment = Moment(month: 3, day: 1)
    var openings = [0, 0, 0]
    var level = 1_430
    for _ in 0..<420 {
      moment.advance(seconds: random.within(60...5_000))
      level = min(max(level + random.wobble(40), 1_180), 1_760)
      let gate = random.within(1...3)
      let opening = openings[gate - 1]
      let target = (6...18).contains(moment.hour) ? random.within(4...18) * 10 : 0
      let message =
        target == opening
        ? "level \(level) mm, nothing to do"
        : "level \(level) mm, \(target > opening ? "opening" : "closing") from \(opening) to \(target) mm"
      openings[gate - 1] = target
      let program = "\(moment.systemTime) sluice-\(gate) gated[\(400 + gate)]"
      lines.append("\(program): \(message)")
      if random.oneIn(30) { lines.append("\(program): something in the rake; reversing for 4 s") }
    }
    return joined(lines)
  }
}
