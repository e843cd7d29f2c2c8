/// The failure of one element: where, which, at what attempt and why. Sinks throw it.
public struct PipelineFailure: Error {
  /// How many characters of an element's description are kept.
  public static let elementLimit = 200

  /// The name of the stage, or of the operator if it is fused into a stage.
  public let stage: String
  /// The element's description, no longer than ``elementLimit``; empty for the failure of a source, or at the end of a
  /// stage's input.
  public let element: String
  /// The number of the attempt; 1 if the element was not retried.
  public let attempt: Int
  /// The error that was thrown.
  public let cause: any Error

  init(stage: String, element: String, attempt: Int, cause: any Error) {
    (self.stage, self.element, self.attempt, self.cause) = (stage, element, attempt, cause)
  }

  init(stage: String, describing element: Any, attempt: Int, cause: any Error) {
    let description = String(describing: element)
    let clipped = description.prefix(Self.elementLimit)
    self.init(
      stage: stage, element: clipped.endIndex < description.endIndex ? clipped.dropLast() + "…" : description,
      attempt: attempt, cause: cause)
  }
}

extension PipelineFailure: CustomStringConvertible {
  public var description: String {
    let location = element.isEmpty ? stage : "\(stage), element \(element)"
    return attempt > 1 ? "\(location), attempt \(attempt): \(cause)" : "\(location): \(cause)"
  }
}

extension PipelineFailure: Hashable {
  /// Compares the descriptions of the causes, because errors themselves cannot be compared.
  public static func == (one: PipelineFailure, other: PipelineFailure) -> Bool {
    one.stage == other.stage && one.element == other.element && one.attempt == other.attempt
      && one.reason == other.reason
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(stage)
    hasher.combine(element)
    hasher.combine(attempt)
    hasher.combine(reason)
  }

  private var reason: String { String(describing: cause) }
}

extension PipelineFailure: Codable {
  /// The cause of a decoded failure. Only the description of an error is encoded.
  public struct DescribedCause: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  private enum CodingKeys: CodingKey {
    case stage, element, attempt, cause
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      stage: try values.decode(String.self, forKey: .stage), element: try values.decode(String.self, forKey: .element),
      attempt: try values.decode(Int.self, forKey: .attempt),
      cause: DescribedCause(description: try values.decode(String.self, forKey: .cause)))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(stage, forKey: .stage)
    try values.encode(element, forKey: .element)
    try values.encode(attempt, forKey: .attempt)
    try values.encode(reason, forKey: .cause)
  }
}
