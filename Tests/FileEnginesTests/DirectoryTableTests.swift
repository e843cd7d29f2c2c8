import FileTestSupport
import Glibc
import Testing

@testable import FileEngines

/// Which descriptor goes, and how many may stay.
@Suite struct DirectoryTableTests {
  @Test func one_that_was_used_of_late_is_passed_by_once() throws {
    var table = DirectoryTable(limit: 2)
    let (a, b, c) = (opened(), opened(), opened())
    table.append(a)
    table.append(b)
    // Both were used when they were put in: the round takes the marks, and the first goes.
    var victim = table.victim(for: c)
    #expect(victim === a && a.giveUp())
    table.append(c)
    // So b has no mark, and c has one.
    victim = table.victim(for: a)
    #expect(victim === b)
  }

  @Test func what_is_borrowed_does_not_go() throws {
    var table = DirectoryTable(limit: 1)
    let (a, b) = (opened(), opened())
    table.append(a)
    _ = a.borrow()
    #expect(outcome(of: b, &table) == "refused")
    a.giveBack()
    let victim = table.victim(for: b)
    #expect(victim === a)
    // Somebody borrows it after it was chosen: it stays.
    _ = a.borrow()
    #expect(!a.giveUp())
    table.append(a)
    #expect(outcome(of: a, &table) == "present")
    a.giveBack()
  }

  /// One thread has chosen it as a victim, another reaches the directory anew and admits it, and the first cannot give
  /// it up.
  @Test func none_is_in_the_table_twice() {
    var table = DirectoryTable(limit: 2)
    let kept = opened()
    #expect(outcome(of: kept, &table) == "admitted")
    table.append(kept)
    table.retire(kept)
    let left = table.shrink()
    #expect(left == nil)
  }

  @Test func one_that_was_given_up_is_known_again() throws {
    let directory = try TemporaryDirectory(.disk)
    let descriptor = directory.path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    let kept = KeptDescriptor(FileIdentity(descriptor))
    #expect(kept.put(descriptor) && !kept.put(descriptor))
    #expect(kept.borrow() == descriptor)
    kept.giveBack()
    kept.giveBack()
    // The first look takes the mark of its use.
    #expect(!kept.borrowIfIdle() && kept.borrowIfIdle() && kept.giveUp())
    #expect(kept.borrow() == nil && directory.openDescriptors == 0)
    var status = stat()
    #expect(directory.path.withCString { stat($0, &status) } == 0)
    #expect(kept.identity == FileIdentity(status))
  }

  @Test func a_shortage_lowers_the_allowance_to_a_few_and_time_brings_it_back() throws {
    var table = DirectoryTable(limit: 6)
    let all = (0..<6).map { _ in opened() }
    for kept in all { table.append(kept) }
    for left in [5, 4, 4, 4, 4, 4] {
      let isGivenUp = table.shrink()?.giveUp()
      #expect(isGivenUp == true && table.allowance == left)
    }
    let none = table.shrink()
    #expect(none == nil)
    let (few, late) = ((0..<4).map { _ in borrowed() }, opened())
    for kept in few { #expect(outcome(of: kept, &table) == "admitted") }
    #expect(outcome(of: late, &table) == "refused")
    for _ in 0..<64 * 3 { table.retire(KeptDescriptor(nil)) }
    #expect(table.allowance == 6)
    #expect(outcome(of: late, &table) == "admitted")
    table.retire(late)
    #expect(outcome(of: all[0], &table) == "admitted")
  }

  private func outcome(of candidate: KeptDescriptor, _ table: inout DirectoryTable) -> String {
    switch table.admit(candidate) {
    case .admitted: "admitted"
    case .present: "present"
    case .full: "full"
    case .refused: "refused"
    }
  }

  /// Used once.
  private func opened() -> KeptDescriptor {
    let kept = KeptDescriptor(nil)
    #expect(kept.put(open("/", O_RDONLY | O_CLOEXEC)))
    kept.giveBack()
    return kept
  }

  /// In use, so that it cannot be given up.
  private func borrowed() -> KeptDescriptor {
    let kept = opened()
    #expect(kept.borrow() != nil)
    return kept
  }
}

extension DirectoryTable {
  fileprivate mutating func victim(for candidate: KeptDescriptor) -> KeptDescriptor? {
    if case .full(let victim) = admit(candidate) { victim } else { nil }
  }
}
