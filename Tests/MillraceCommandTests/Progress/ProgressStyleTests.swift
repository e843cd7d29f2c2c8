import Testing

@testable import MillraceCommand

struct ProgressStyleTests {
  struct Case: Sendable {
    var isWanted: Bool?
    var isQuiet = false
    var isTerminal = true
    var type: String? = "xterm"
    let style: ProgressStyle
  }

  @Test(arguments: [
    Case(style: .line),
    Case(isWanted: true, style: .line),
    Case(isWanted: false, style: .none),
    Case(isQuiet: true, style: .none),
    Case(isWanted: true, isQuiet: true, style: .line),
    Case(type: "dumb", style: .plainLines(endsWithTotal: false)),
    Case(type: "", style: .plainLines(endsWithTotal: false)),
    Case(type: nil, style: .plainLines(endsWithTotal: false)),
    Case(isWanted: true, type: "dumb", style: .plainLines(endsWithTotal: true)),
    Case(isQuiet: true, type: "dumb", style: .none),
    Case(isTerminal: false, style: .none),
    Case(isWanted: true, isTerminal: false, style: .plainLines(endsWithTotal: true)),
    Case(isWanted: false, isTerminal: false, style: .none),
  ])
  func standard_error_and_the_options_decide(on now: Case) {
    let style = ProgressStyle(
      isWanted: now.isWanted, isQuiet: now.isQuiet, isTerminal: now.isTerminal, terminalType: now.type)
    #expect(style == now.style)
  }

  @Test func plain_lines_come_ever_more_seldom() {
    var pace = PlainLinePace()
    // Called every second, sometimes a little early or late.
    let lines = (1...130).filter { second in
      let late = Duration.milliseconds(second % 3 * 50 - 50)
      return pace.isDue(after: .seconds(second) + late)
    }
    #expect(lines == [1, 3, 7, 15, 31, 63, 95, 127])
  }
}
