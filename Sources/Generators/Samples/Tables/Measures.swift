/// Tables in other languages than English, under names that are not ASCII.
extension SampleData {
  /// German: semicolons between the fields, commas before the fractions.
  static func measuresTable(using random: inout SplitMix64) -> String {
    var lines = ["Prüfstück;Größe_mm;Maß_außen_mm;Gewicht_kg;Prüfvermerk"]
    let pieces = [
      "Mühlstein", "Läufer", "Bodenstein", "Zahnkranz", "Königswelle", "Rührnagel", "Schütz", "Wehrbrett", "Stößel",
    ]
    let verdicts = ["in Ordnung", "läuft schräg", "für später", "nachgeprüft", "zu groß", "Öl fehlt", ""]
    for number in 1...120 {
      let size = random.within(80...1_400)
      let fields = [
        "\(random.pick(pieces)) \(number)", String(size),
        decimal(size * 10 + random.within(20...90), places: 1, separator: ","),
        decimal(size * random.within(80...900) / 100, places: 2, separator: ","), random.pick(verdicts),
      ]
      lines.append(fields.joined(separator: ";"))
    }
    return joined(lines)
  }

  /// Japanese: the wheel's diary, a line a day.
  static func wheelDiary(using random: inout SplitMix64) -> String {
    var lines = ["日付,天気,水位(mm),挽いた粉(kg),ひとこと"]
    let weather = ["晴れ", "くもり", "雨", "霧", "雪"]
    let remarks = ["水が静か", "石がよく回る", "歯車に油をさした", "鴨が来た", "水門を少し閉めた", "休み", ""]
    for month in 1...3 {
      for day in 1...Moment.length(ofMonth: month) {
        let fields = [
          Moment(month: month, day: day).date, random.pick(favouringFirst: weather),
          String(random.within(1_180...1_690)), String(random.within(0...640)), random.pick(remarks),
        ]
        lines.append(fields.joined(separator: ","))
      }
    }
    return joined(lines)
  }
}
