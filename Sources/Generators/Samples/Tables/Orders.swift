/// Orders for flour: comma-separated tables with quoted fields.
extension SampleData {
  /// The orders of a quarter, in the order of their time.
  static func orderTable(quarter: Int, using random: inout SplitMix64) -> String {
    var lines = ["order,date,customer,product,kilograms,price_per_kg,total,paid,remark"]
    var number = quarter * 10_000
    for month in (quarter * 3 - 2)...(quarter * 3) {
      for day in 1...Moment.length(ofMonth: month) {
        let moment = Moment(month: month, day: day)
        // Few orders on Saturdays, none on Sundays, many before the feasts at the end of the year.
        let usual = moment.weekday == 6 ? 0 : moment.weekday == 5 ? 2 : 9
        for _ in 0..<(usual == 0 ? 0 : random.within(usual / 2...usual + (month == 12 ? 6 : 2))) {
          number += random.within(1...3)
          lines.append(orderLine(number, on: moment, using: &random))
        }
      }
    }
    return joined(lines)
  }

  private static func orderLine(_ number: Int, on day: Moment, using random: inout SplitMix64) -> String {
    let product = random.pick(favouringFirst: products)
    let kilograms = random.pick([1, 2, 5, 5, 10, 10, 25, 25, 25, 50, 100, 250])
    let fields = [
      "LW-\(padded(number, 6))", day.date, random.pick(favouringFirst: customers), product.name, String(kilograms),
      decimal(product.cents, places: 2), decimal(product.cents * kilograms, places: 2),
      random.oneIn(12) ? "no" : "yes", random.oneIn(5) ? random.pick(remarks) : "",
    ]
    return fields.map(csvField).joined(separator: ",")
  }

  /// What came back, and why: sacks of the quarter before, mostly.
  static func returnsTable(using random: inout SplitMix64) -> String {
    var lines = ["order,date,product,kilograms,reason"]
    for month in 1...12 {
      var day = random.within(1...9)
      while day <= Moment.length(ofMonth: month) {
        let number = (month - 1) / 3 * 10_000 + random.within(1...1_200)
        let fields = [
          "LW-\(padded(number, 6))", Moment(month: month, day: day).date, random.pick(products).name,
          String(random.within(1...25)), random.pick(reasons),
        ]
        lines.append(fields.map(csvField).joined(separator: ","))
        day += random.within(2...14)
      }
    }
    return joined(lines)
  }

  /// What each customer still owes, as the office's spreadsheet likes it.
  static func balanceTable(using random: inout SplitMix64) -> String {
    var lines = ["customer,orders,kilograms,owed,last_order"]
    for customer in customers {
      let orders = random.within(12...160)
      let owed = random.oneIn(3) ? 0 : random.within(500...90_000)
      let last = Moment(month: 12, day: random.within(1...24)).date
      let fields = [customer, String(orders), String(orders * random.within(8...40)), decimal(owed, places: 2), last]
      lines.append(fields.map(csvField).joined(separator: ","))
    }
    return joined(lines)
  }

  /// Prices are in cents a kilogram.
  static let products: [(name: String, cents: Int)] = [
    ("wheat, fine", 142), ("wheat, wholemeal", 138), ("rye, dark", 129), ("rye, light", 133), ("spelt", 255),
    ("oat flakes", 168), ("barley groats", 151), ("emmer", 310), ("maize meal", 117), ("buckwheat", 289), ("bran", 62),
  ]

  static let customers = [
    "Thrumbley Bakehouse", "Ovenwick & Nieces", "Pellmarsh Canteen", "Inn at Drywater Ford", "Quernby School Kitchen",
    "Lowwater Grocers", "Dovecrumb Stall", "Saltmere Biscuits", "Hobbet, Hobbet and Daughter", "Fennsedge Co-operative",
    "The \"Upper\" Crust of Quernby", "Marlpit Farm Shop", "Sternbrook Ferry Galley", "Tallow Street Pancakes",
  ]

  private static let remarks = [
    "leave it at the back door", "ring twice, the bell is weak", "the gate says \"closed\"; push",
    "paper sacks, please",
    "not before nine", "as last time, but drier", "mind the dog, the goose, and the step", "call before you come",
    "invoice to the office, flour to the oven", "half on Monday, half on Thursday", "the cart takes two sacks at most",
  ]

  private static let reasons = [
    "sack torn", "wrong sort", "damp", "too coarse, they say", "ordered twice", "too fine, they say",
    "delivered to the neighbour, who kept \"only a cup\"", "label missing", "a button in it",
  ]
}
