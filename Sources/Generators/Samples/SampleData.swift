/// The files that the repository keeps in `SampleData`, so that every example can be tried at once: about seventy small
/// and middling ones, of the kinds that people have, with the names, sizes and contents that programs stumble over.
///
/// All of it is invented. Places, firms and people do not exist, network addresses are of the ranges set aside for
/// documentation (RFC 5737), and host names end in `.example` (RFC 2606).
package enum SampleData {
  /// Writes all files below a directory, which is made if it is missing. Files that are there already are overwritten;
  /// all others in the directory are left alone.
  ///
  /// - Returns: how many files it wrote, and how many bytes.
  /// - Throws: a ``TreeError``.
  package static func write(to directory: String) throws -> (files: Int, bytes: Int) {
    var writer = try TreeWriter(root: directory)
    var total = 0
    for sample in files {
      let bytes = sample.bytes()
      try writer.makeFolder(sample.folder)
      try writer.writeFile(sample.path) { try $0.writeAll(bytes) }
      total += bytes.count
    }
    return (files.count, total)
  }

  static let files: [SampleFile] =
    writing + languages + configuration + sourceCode + orders + sensors + events + logs + binaries + archive

  // MARK: - Written by hand

  private static let writing = [
    SampleFile("about-these-files.md", aboutTheseFiles),
    SampleFile("the-mill-at-lowwater.txt", theMillAtLowwater),
    SampleFile("field notes.txt", fieldNotes),
    SampleFile("-draft.txt", draft),
    SampleFile("empty.txt", bytes: { _ in [] }),
    // The byte order of full paths puts this one before everything in `notes/`, as `-` comes before `/`.
    SampleFile("notes-index.md", notesIndex),
    SampleFile("notes/2025-01.md", notesOfJanuary),
    SampleFile("notes/2025-02.md", notesOfFebruary),
    SampleFile("notes/2025-03.md", notesOfMarch),
    SampleFile("notes/2025-04.md", notesOfApril),
    SampleFile("notes/no-final-newline.txt", bytes: { _ in Array("The last line of this file ends here".utf8) }),
    SampleFile("notes/shopping-list.txt", shoppingList),
  ]

  private static let languages = [
    SampleFile("languages/arabic.txt", Languages.arabic),
    SampleFile("languages/chinese.txt", Languages.chinese),
    SampleFile("languages/french.txt", Languages.french),
    SampleFile("languages/german.txt", Languages.german),
    SampleFile("languages/greek.txt", Languages.greek),
    SampleFile("languages/hebrew.txt", Languages.hebrew),
    SampleFile("languages/hindi.txt", Languages.hindi),
    SampleFile("languages/japanese.txt", Languages.japanese),
    SampleFile("languages/korean.txt", Languages.korean),
    SampleFile("languages/polish.txt", Languages.polish),
    SampleFile("languages/spanish.txt", Languages.spanish),
    SampleFile("languages/ukrainian.txt", Languages.ukrainian),
    SampleFile("languages/symbols.txt", Languages.symbols),
    SampleFile("languages/german-latin-1.txt", bytes: { _ in latin1(Languages.german + "\n") }),
  ]

  private static let configuration = [
    SampleFile("config/mill.toml", Configuration.toml),
    SampleFile("config/sluice.yaml", Configuration.yaml),
    SampleFile("config/mill.ini", bytes: { _ in windowsLines(Configuration.ini + "\n") }),
    SampleFile("config/catalogue.json", drawn: { catalogue(using: &$0) }),
  ]

  private static let sourceCode = [
    SampleFile("source/Wheel.swift", SourceCode.swift),
    SampleFile("source/gear.h", SourceCode.header),
    SampleFile("source/gear.c", SourceCode.c),
    SampleFile("source/flow.py", SourceCode.python),
    SampleFile("source/orders.sql", SourceCode.sql),
    SampleFile("source/Makefile", SourceCode.makefile),
    SampleFile("source/site/index.html", SourceCode.html),
    SampleFile("source/site/mill.css", SourceCode.css),
  ]

  // MARK: - Drawn

  private static let orders = [
    SampleFile("orders/2025/q1.csv", drawn: { orderTable(quarter: 1, using: &$0) }),
    SampleFile("orders/2025/q2.csv", drawn: { orderTable(quarter: 2, using: &$0) }),
    SampleFile("orders/2025/q3.csv", drawn: { orderTable(quarter: 3, using: &$0) }),
    SampleFile("orders/2025/q4.csv", drawn: { orderTable(quarter: 4, using: &$0) }),
    SampleFile("orders/returns.csv", drawn: { returnsTable(using: &$0) }),
    SampleFile("orders/for-the-office.csv", bytes: { byteOrderMark + windowsLines(balanceTable(using: &$0)) }),
    SampleFile("größe-und-maß.csv", drawn: { measuresTable(using: &$0) }),
    SampleFile("水車の記録.csv", drawn: { wheelDiary(using: &$0) }),
  ]

  private static let sensors = [
    SampleFile("sensors/wheel/2025-03.csv", drawn: { wheelReadings(month: 3, using: &$0) }),
    SampleFile("sensors/wheel/2025-04.csv", drawn: { wheelReadings(month: 4, using: &$0) }),
    SampleFile("sensors/stones/temperature.csv", drawn: { stoneTemperatures(using: &$0) }),
    SampleFile("sensors/weir/levels.dat", bytes: { levelRecords(using: &$0) }),
  ]

  private static let events = (1...5).map { day in
    SampleFile("events/2025-03-0\(day).jsonl", drawn: { eventLines(day: day, using: &$0) })
  }

  private static let logs = [
    SampleFile("logs/access.log.1", drawn: { AccessLog.text(month: 3, day: 1, about: 90_000, using: &$0) }),
    SampleFile("logs/access.log", drawn: { AccessLog.text(month: 3, day: 2, about: 700_000, using: &$0) }),
    // The size of a read buffer: the second read finds nothing but the end.
    SampleFile("logs/exactly-128-KiB.log", drawn: { AccessLog.text(month: 4, day: 1, exactly: 131_072, using: &$0) }),
    SampleFile("logs/error.log", drawn: { errorLog(using: &$0) }),
    SampleFile("logs/sluice.log", drawn: { sluiceLog(using: &$0) }),
  ]

  private static let binaries = [
    SampleFile("binary/random.bin", bytes: { randomBytes(160_000, using: &$0) }),
    SampleFile("binary/mostly-zeros.img", bytes: { mostlyZeros(using: &$0) }),
    SampleFile("binary/every-byte.bin", bytes: { _ in Array(0...255) }),
    SampleFile("binary/one-byte.bin", bytes: { _ in [0x4d] }),
    SampleFile("pictures/wheel.bmp", bytes: { _ in wheelPicture() }),
    SampleFile("sounds/wheel.wav", bytes: { wheelSound(using: &$0) }),
  ]

  // MARK: - Deep down

  private static let archive = [
    SampleFile("archive/2019/spring/repairs/sluice.md", sluiceRepair),
    // A file that is the same as another.
    SampleFile("archive/2019/spring/repairs/sluice-copy.md", sluiceRepair),
    SampleFile("archive/2019/autumn/flood/gauge.csv", drawn: { floodGauge(using: &$0) }),
    // Five folders down, hidden, and empty: git keeps no folder without a file.
    SampleFile("archive/1998/loft/chest/drawer/.keep", bytes: { _ in [] }),
  ]
}
