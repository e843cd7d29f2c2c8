/// The access log of the mill's web site, in the format that most web servers share: client, time, request, status,
/// size, referrer and user agent.
package enum AccessLog {
  /// Lines from midnight of a day on, until there are at least `size` bytes.
  package static func text(month: Int, day: Int, about size: Int, using random: inout SplitMix64) -> String {
    var log = AccessLogWriter(moment: Moment(month: month, day: day))
    while log.text.utf8.count < size { log.addVisit(using: &random) }
    return log.text
  }

  /// Lines from midnight of a day on, of `size` bytes to the byte: in the last one somebody searches for something
  /// long.
  static func text(month: Int, day: Int, exactly size: Int, using random: inout SplitMix64) -> String {
    var log = AccessLogWriter(moment: Moment(month: month, day: day))
    // No visit is longer than the first margin, and no request than the second, so the last line always finds room.
    while log.text.utf8.count < size - 8_192 { log.addVisit(using: &random) }
    while log.text.utf8.count < size - 512 { log.addRobotRequest(using: &random) }
    let client = random.pick(Visitors.addresses)
    let before = "\(client) - - [\(log.moment.serverTime)] \"GET /search?q="
    let after = " HTTP/1.1\" 200 2114 \"-\" \"\(Visitors.agents[0])\"\n"
    let room = size - log.text.utf8.count - before.utf8.count - after.utf8.count
    let grains = String(repeating: "barley+oats+rye+spelt+", count: room / 22 + 1)
    return log.text + before + grains.prefix(room) + after
  }
}

/// A log in the making.
private struct AccessLogWriter {
  /// The lines so far.
  var text = ""

  /// When the next request comes.
  var moment: Moment

  init(moment: Moment) {
    self.moment = moment
  }

  /// A person comes and reads some pages, or a robot fetches many.
  mutating func addVisit(using random: inout SplitMix64) {
    let waking = (7...21).contains(moment.hour)
    moment.advance(seconds: random.within(1...(waking ? 60 : 400)))
    if random.oneIn(14) {
      for _ in 0..<random.within(3...24) { addRobotRequest(using: &random) }
    } else {
      addPerson(using: &random)
    }
  }

  /// A robot asks for a page, and for nothing that belongs to it.
  mutating func addRobotRequest(using random: inout SplitMix64) {
    let page = random.pick(weighted: random.oneIn(5) ? Pages.probed : Pages.read)
    let robot = random.below(Visitors.robots.count)
    add(page, client: Visitors.robotAddresses[robot], from: "-", agent: Visitors.robots[robot], using: &random)
    moment.advance(milliseconds: random.within(40...900))
  }

  /// A person follows links from page to page. The first page brings the style sheet, the script and a picture along,
  /// which the browser then keeps or asks for again.
  private mutating func addPerson(using random: inout SplitMix64) {
    let client = random.pick(favouringFirst: Visitors.addresses)
    let agent = random.pick(favouringFirst: Visitors.agents)
    var referrer = random.oneIn(3) ? "-" : random.pick(Visitors.referrers)
    for number in 0..<random.within(1...6) {
      let page = random.pick(weighted: Pages.read)
      let path = add(page, client: client, from: referrer, agent: agent, using: &random)
      referrer = "https://mill.example\(path)"
      if number == 0 || random.oneIn(6) {
        for asset in Pages.assets where !random.oneIn(6) {
          moment.advance(milliseconds: random.within(20...300))
          add(asset, client: client, from: referrer, agent: agent, using: &random)
        }
      }
      moment.advance(milliseconds: random.within(1_500...45_000))
    }
  }

  /// Adds a line, and returns the path that it asks for.
  @discardableResult
  private mutating func add(
    _ page: Page, client: String, from referrer: String, agent: String, using random: inout SplitMix64
  ) -> String {
    let path = page.isSearch ? "\(page.path)\(random.pick(Pages.searches))" : page.path
    let status = random.oneIn(500) ? 503 : page.status == 200 && random.oneIn(8) ? 304 : page.status
    let size = status == 304 ? "-" : String(status == 503 ? 341 : page.size + random.below(page.spread + 1))
    let user = page.path.hasPrefix("/office") && status == 200 ? "clerk" : "-"
    text += "\(client) - \(user) [\(moment.serverTime)] \"\(page.method) \(path) HTTP/1.1\" \(status) \(size)"
    text += " \"\(referrer)\" \"\(agent)\"\n"
    return path
  }
}
