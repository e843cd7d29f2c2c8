import Testing

@testable import IOUring

struct BufferUseTests {
  private enum Step: CaseIterable {
    case read, change, empty, fill, emptyBehind, fillBehind

    /// Takes the step; `…Behind` comes behind one operation of the same chain.
    func take(_ use: inout BufferUse) -> Bool {
      switch self {
      case .read: use.beginReading()
      case .change: use.beginChanging()
      case .empty: use.beginEmptying(behind: 0)
      case .fill: use.beginFilling(behind: 0)
      case .emptyBehind: use.beginEmptying(behind: 1)
      case .fillBehind: use.beginFilling(behind: 1)
      }
    }
  }

  /// The state after each step that is allowed.
  private static let table: [(BufferUse, [Step: BufferUse])] = [
    (.idle, [.read: .read(1), .change: .changed, .empty: .read(1), .emptyBehind: .read(1), .fill: .kernel(1)]),
    (.read(1), [.read: .read(2), .empty: .read(2), .emptyBehind: .read(2), .fillBehind: .kernel(2)]),
    (.read(2), [.read: .read(3), .empty: .read(3), .emptyBehind: .read(3)]),
    (.changed, [:]),
    (.kernel(1), [.emptyBehind: .kernel(2), .fillBehind: .kernel(2)]),
    (.kernel(2), [:]),
  ]

  @Test func every_step_from_every_state_is_allowed_or_changes_nothing() {
    for (state, allowed) in Self.table {
      for step in Step.allCases {
        var use = state
        let isAllowed = step.take(&use)
        #expect(isAllowed == (allowed[step] != nil), "\(step) from \(state)")
        #expect(use == allowed[step] ?? state, "\(step) from \(state)")
      }
    }
  }

  @Test func uses_end_one_by_one() {
    for (state, next) in [
      (BufferUse.read(2), .read(1)), (.read(1), .idle), (.changed, .idle), (.kernel(2), .kernel(1)),
      (.kernel(1), BufferUse.idle),
    ] {
      var use = state
      use.end()
      #expect(use == next)
    }
  }
}
