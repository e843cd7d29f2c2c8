extension Line {
  /// The fields of the line between separators, without copying. A line without a separator is one field, also if it is
  /// empty. Quotation marks have no meaning.
  ///
  /// ```swift
  /// var fields = line.fields(separatedBy: UInt8(ascii: ","))
  /// while let field = fields.next() { print(field.text) }
  /// ```
  @_lifetime(copy self)
  @inlinable
  public func fields(separatedBy separator: UInt8) -> LineFields {
    LineFields(bytes, separator)
  }

  /// The field at an index, from 0; nil if there are fewer.
  ///
  /// ```swift
  /// total += line.field(at: 2, separatedBy: UInt8(ascii: ","))?.decimal ?? 0
  /// ```
  @_lifetime(copy self)
  @inlinable
  public func field(at index: Int, separatedBy separator: UInt8) -> LineField? {
    var fields = fields(separatedBy: separator)
    for _ in 0..<index {
      guard fields.next() != nil else { return nil }
    }
    return fields.next()
  }
}

/// The fields of a ``Line``. It is not a `Sequence`, whose elements could outlive the line.
public struct LineFields: ~Escapable {
  @usableFromInline var rest: RawSpan
  @usableFromInline var isAtEnd = false
  @usableFromInline let separator: UInt8

  @_lifetime(copy bytes)
  @inlinable
  init(_ bytes: RawSpan, _ separator: UInt8) {
    rest = bytes
    self.separator = separator
  }

  /// The next field, or nil after the last.
  @_lifetime(copy self)
  @inlinable
  public mutating func next() -> LineField? {
    if isAtEnd { return nil }
    guard let end = rest.firstOffset(of: separator) else {
      isAtEnd = true
      return LineField(rest)
    }
    let field = LineField(rest.extracting(..<end))
    rest = rest.extracting((end + 1)...)
    return field
  }
}

/// A field of a ``Line``: a view of its bytes.
public struct LineField: ~Escapable {
  public let bytes: RawSpan

  @_lifetime(copy bytes)
  @inlinable
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The field as UTF-8; invalid bytes become U+FFFD.
  @inlinable public var text: String { bytes.text }

  /// The field as a decimal integer: ASCII digits after an optional sign. Nil for anything else, and on overflow.
  @inlinable public var integer: Int? {
    let first = bytes.byteCount > 0 ? bytes.byte(at: 0) : 0
    let isNegative = first == UInt8(ascii: "-")
    let start = isNegative || first == UInt8(ascii: "+") ? 1 : 0
    if start == bytes.byteCount { return nil }
    var value = 0
    for offset in start..<bytes.byteCount {
      let digit = bytes.byte(at: offset) &- UInt8(ascii: "0")
      if digit > 9 { return nil }
      let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let next =
        isNegative
        ? tenfold.subtractingReportingOverflow(Int(digit)) : tenfold.addingReportingOverflow(Int(digit))
      if isTooLarge || next.overflow { return nil }
      value = next.partialValue
    }
    return value
  }

  /// The field as `Double(_:)` parses it: a decimal number with an optional exponent. Nil for anything else.
  @inlinable public var decimal: Double? { Double(text) }
}
