/// A second of the year 2025, in UTC: the year in which everything in the sample data happens.
struct Moment {
  /// Since the year began.
  private(set) var milliseconds: Int

  /// Midnight at the start of a day, or a time of that day.
  init(month: Int, day: Int, hour: Int = 0, minute: Int = 0) {
    let days = Self.monthLengths[..<(month - 1)].reduce(0, +) + day - 1
    milliseconds = ((days * 24 + hour) * 60 + minute) * 60_000
  }

  /// How many days a month has; 2025 is no leap year.
  static func length(ofMonth month: Int) -> Int {
    monthLengths[month - 1]
  }

  mutating func advance(seconds: Int) {
    milliseconds += seconds * 1000
  }

  mutating func advance(milliseconds more: Int) {
    milliseconds += more
  }

  private static let monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The start of 2025 in seconds since 1970.
  private static let unixStart = 1_735_689_600
}

// MARK: - Parts

extension Moment {
  var hour: Int { milliseconds / 3_600_000 % 24 }

  var month: Int { monthAndDay.month }

  /// 0 for Monday to 6 for Sunday; the year began on a Wednesday.
  var weekday: Int { (milliseconds / 86_400_000 + 2) % 7 }

  /// Milliseconds since 1970.
  var unixMilliseconds: Int { Self.unixStart * 1000 + milliseconds }

  private var monthAndDay: (month: Int, day: Int) {
    var month = 1
    var day = milliseconds / 86_400_000 + 1
    while day > Self.monthLengths[month - 1] {
      day -= Self.monthLengths[month - 1]
      month += 1
    }
    return (month, day)
  }
}

// MARK: - Spellings

extension Moment {
  /// As in `2025-03-01`.
  var date: String {
    let (month, day) = monthAndDay
    return "2025-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// As in `06:12:44`.
  var time: String {
    "\(padded(hour, 2)):\(padded(milliseconds / 60_000 % 60, 2)):\(padded(milliseconds / 1000 % 60, 2))"
  }

  /// As in `123`, the part of a second.
  var thousandths: String { padded(milliseconds % 1000, 3) }

  /// As in `2025-03-01T06:12:44Z`.
  var iso: String { "\(date)T\(time)Z" }

  /// As in `01/Mar/2025:06:12:44 +0000`, the spelling of web servers.
  var serverTime: String {
    let (month, day) = monthAndDay
    return "\(padded(day, 2))/\(Self.monthNames[month - 1])/2025:\(time) +0000"
  }

  /// As in `Mar  1 06:12:44`, the spelling of system logs.
  var systemTime: String {
    let (month, day) = monthAndDay
    return "\(Self.monthNames[month - 1]) \(day < 10 ? " " : "")\(day) \(time)"
  }
}
