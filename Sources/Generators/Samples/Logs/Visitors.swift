/// The clients of the web site. The addresses are of the three networks that RFC 5737 keeps for documentation.
enum Visitors {
  /// Of people, a hundred and fifty. They seem to be in no order, so no network comes more often than another.
  static let addresses = (1...50).flatMap { number in
    ["192.0.2.\(number * 37 % 251 + 1)", "198.51.100.\(number * 53 % 251 + 1)", "203.0.113.\(number * 71 % 251 + 1)"]
  }

  static let agents = [
    "Sluice/4.1 (desktop; x86_64)", "Sluice/4.1 (pocket; aarch64)", "Eddy/12.0.3 (desktop; aarch64) Reed/88",
    "Eddy/11.9.8 (tablet; aarch64) Reed/87", "Lantern/0.7 (text only)", "MillTour/2.3 (pocket; screen 412x915)", "-",
  ]

  static let referrers = [
    "https://search.example/?q=flour", "https://search.example/?q=water+mill", "https://quernby.example/day-trips",
    "https://bread.example/forum/42", "https://mill.example/",
  ]

  static let robots = [
    "GristBot/1.0 (+https://grist.example/robot)", "pond-crawler/3.2 (+https://pond.example/about)",
    "uptime-heron/0.4",
  ]

  /// Where each of the robots lives.
  static let robotAddresses = ["192.0.2.252", "198.51.100.253", "203.0.113.254"]
}
