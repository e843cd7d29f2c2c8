/// Configuration files in the usual languages, as programs of a mill might read them.
enum Configuration {
  static let toml = """
    # The mill's control program. Lengths in millimetres, times in seconds.
    title = "Lowwater mill"
    version = 7

    [wheel]
    diameter = 4_200
    buckets = 36
    gear_ratio = 14.5
    brake = "band"            # "band" or "shoe"

    [wheel.limits]
    rpm_max = 11.0
    torque_max = 2_600
    stop_when_bearing_above = 62.5

    [[gate]]
    name = "head race"
    opening_max = 180
    closes_by_itself = true

    [[gate]]
    name = "waste way"
    opening_max = 420
    closes_by_itself = false

    [stones]
    names = ["east", "west"]
    dress_every_hours = 220
    alarm = { above = 40.0, for = 90, call = ["bell", "office"] }

    [log]
    directory = "/var/log/mill"
    keep_days = 28
    """

  static let yaml = """
    # Which gate opens when. Later rules win.
    defaults: &defaults
      step_mm: 10
      pause_s: 30
      ask_first: false

    gates:
      - name: head race
        <<: *defaults
        max_mm: 180
      - name: waste way
        <<: *defaults
        max_mm: 420
        ask_first: true

    rules:
      - when: level > 1700
        open: waste way
        to: 420
        because: >
          The lower meadow floods at 1780,
          and it takes the water an hour to get there.
      - when: level < 1200
        close: head race
        because: the fish need the rest
      - when: hour not in 6..18
        close: head race
        because: the neighbours sleep

    contacts:
      office: office@mill.example
      night: night@mill.example
    """

  /// Written with CR LF, as the scale's own program does it.
  static let ini = """
    ; Settings of the scale in the packing room
    [scale]
    port=COM3
    speed=9600
    unit=kg
    tare=0.042

    [sack]
    weight=25.000
    tolerance=0.100
    sound=bell.wav

    [label]
    printer=\\\\packing\\labels
    text=Lowwater Mill - keep dry
    copies=1
    """
}

extension SampleData {
  /// The catalogue of the web shop: JSON without a line break, not even at its end.
  static func catalogue(using random: inout SplitMix64) -> String {
    let sizes = [1, 2, 5, 10, 25]
    let entries = (1...160).map { number in
      let product = products[number % products.count]
      let offers = sizes.map { size in
        "{\"kg\":\(size),\"cents\":\(product.cents * size - size * size / 2),\"stock\":\(random.below(90))}"
      }
      let tags = (0..<random.within(1...4)).map { _ in "\"\(random.pick(MillWords.all))\"" }.joined(separator: ",")
      return "{\"sku\":\"F\(padded(number, 4))\",\"name\":\"\(product.name)\",\"ash\":\(random.within(405...1_800)),"
        + "\"organic\":\(random.oneIn(2)),\"tags\":[\(tags)],\"offers\":[\(offers.joined(separator: ","))]}"
    }
    return "{\"version\":7,\"currency\":\"EUR\",\"entries\":[\(entries.joined(separator: ","))]}"
  }
}
