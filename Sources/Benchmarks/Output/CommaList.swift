import ArgumentParser

/// Some of a few words, separated by commas, none of them twice: `read,hash`.
struct CommaList<Word: RawRepresentable & CaseIterable & Hashable & Sendable>: ExpressibleByArgument, Sendable
where Word.RawValue == String, Word.AllCases: Sendable {
  let words: [Word]

  /// - Parameter words: all words if none are given.
  init(_ words: [Word] = Array(Word.allCases)) { self.words = words }

  init?(argument: String) {
    var words: [Word] = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let word = Word(rawValue: String(name)), !words.contains(word) else { return nil }
      words.append(word)
    }
    self.words = words
  }

  var defaultValueDescription: String { words.map(\.rawValue).joined(separator: ",") }
}
