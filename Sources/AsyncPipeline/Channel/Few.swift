/// None, one or several: where one is the rule, an array would be an allocation too many.
@usableFromInline
enum Few<Member> {
  case none
  case one(Member)
  case many([Member])

  @inlinable
  mutating func append(_ member: Member) {
    switch self {
    case .none: self = .one(member)
    case .one(let first): self = .many([first, member])
    case .many(var members):
      self = .none  // So that the array is not copied.
      members.append(member)
      self = .many(members)
    }
  }

  @inlinable
  func forEach(_ body: (Member) -> Void) {
    switch self {
    case .none: return
    case .one(let member): body(member)
    case .many(let members): for member in members { body(member) }
    }
  }
}

extension Few: Sendable where Member: Sendable {}
