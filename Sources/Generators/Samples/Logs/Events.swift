extension SampleData {
  /// What happened in the mill on a day of March, as JSON lines: one object a line, of several shapes.
  static func eventLines(day: Int, using random: inout SplitMix64) -> String {
    var mill = EventSource()
    var lines: [String] = []
    var moment = Moment(month: 3, day: day, hour: 5, minute: 40)
    var number = day * 100_000
    while moment.hour < 20 {
      number += 1
      let time = "\(moment.date)T\(moment.time).\(moment.thousandths)Z"
      lines.append("{\"id\":\(number),\"time\":\"\(time)\",\(mill.next(using: &random))}")
      moment.advance(milliseconds: random.within(5_000...260_000))
    }
    return joined(lines)
  }
}

/// A mill that reports what it does, and remembers what must not jump from one event to the next.
private struct EventSource {
  private var level = 1_430
  private var celsius = ["east": 180, "west": 176]

  /// The members of the next event, without the braces.
  mutating func next(using random: inout SplitMix64) -> String {
    switch random.below(23) {
    case 0..<6: gateMoved(using: &random)
    case 6..<15: sackFilled(using: &random)
    case 15..<19: deliveryLeft(using: &random)
    case 19..<22: stoneChecked(using: &random)
    default: guestbookSigned(using: &random)
    }
  }

  private mutating func gateMoved(using random: inout SplitMix64) -> String {
    level = min(max(level + random.wobble(12), 1_180), 1_760)
    let opening = random.within(0...18) * 10
    return "\"type\":\"gate.moved\",\"gate\":\(random.within(1...3)),\"opening_mm\":\(opening),\"level_mm\":\(level)"
  }

  private func sackFilled(using random: inout SplitMix64) -> String {
    let product = random.pick(favouringFirst: SampleData.products).name
    let weight = decimal(25_000 + random.wobble(90), places: 3)
    let lot = "\(random.pick(["E", "W"]))-\(random.within(100...999))"
    let isGood = !random.oneIn(40)
    return "\"type\":\"sack.filled\",\"product\":\"\(product)\",\"kg\":\(weight),\"lot\":\"\(lot)\",\"ok\":\(isGood)"
  }

  private func deliveryLeft(using random: inout SplitMix64) -> String {
    let name = random.pick(favouringFirst: SampleData.customers)
    let escaped = name.reduce(into: "") { $0 += $1 == "\"" ? "\\\"" : String($1) }
    return "\"type\":\"delivery.left\",\"to\":\"\(escaped)\",\"sacks\":\(random.within(1...12)),\"remark\":null"
  }

  private mutating func stoneChecked(using random: inout SplitMix64) -> String {
    let stone = random.pick(["east", "west"])
    let warmth = min(celsius[stone]! + random.within(-2...14), 396)
    celsius[stone] = warmth
    let readings = (0..<6).map { _ in decimal(warmth + random.wobble(4), places: 1) }.joined(separator: ",")
    return "\"type\":\"stone.checked\",\"stone\":\"\(stone)\",\"celsius\":[\(readings)],"
      + "\"by\":{\"role\":\"miller\",\"shift\":\(random.within(1...2))}"
  }

  private func guestbookSigned(using random: inout SplitMix64) -> String {
    let words = random.pick([
      "Grüße aus dem Tal", "très beau !", "it is \\\"louder\\\" than I thought", "水車がすき", "🌾🥖",
    ])
    return "\"type\":\"guestbook.signed\",\"visitors\":\(random.within(1...30)),\"words\":\"\(words)\""
  }
}
