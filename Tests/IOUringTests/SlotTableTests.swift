import CUring
import Glibc
import Testing

@testable import IOUring

@Suite
struct SlotTableTests {
  private func complete(_ id: OperationID, _ slots: inout SlotTable) -> OperationID? {
    slots.accept(curing_completion(user_data: id.userData, result: 0, flags: 0))?.id
  }

  @Test func generations_go_round() {
    var slots = SlotTable(capacity: 1, generation: .max - 1)
    var ids: [OperationID] = []
    for _ in 0..<4 {
      let id = slots.claim(for: .noOperation(), behind: nil)
      #expect(OperationID(userData: id.userData) == id)
      #expect(OperationID.message(userData: id.userData, result: 0) == nil)
      let completed = complete(id, &slots)
      #expect(completed == id)
      ids.append(id)
    }
    #expect(ids.map(\.generation) == [.max - 1, .max, 0, 1])
    // Those that have gone are strangers.
    let next = slots.claim(for: .noOperation(), behind: nil)
    for id in ids {
      let completed = complete(id, &slots)
      #expect(completed == nil)
    }
    let (strays, used) = (slots.strayCompletions, slots.used)
    #expect(strays == 4 && used == 1)
    let completed = complete(next, &slots)
    #expect(completed == next)
  }

  @Test func what_a_worker_thread_says_when_it_is_interrupted_is_translated() {
    var slots = SlotTable(capacity: 2)
    for (isUnwanted, expected) in [(true, -ECANCELED), (false, -EINTR)] {
      for result in [-EINTR, -512] {
        let id = slots.claim(for: .noOperation(), behind: nil)
        if isUnwanted {
          let isAskedFor = slots.want(cancelled: id)
          #expect(isAskedFor)
        }
        let completion = slots.accept(curing_completion(user_data: id.userData, result: result, flags: 0))
        #expect(completion?.result == expected)
      }
    }
  }

  @Test func a_follower_that_is_missed_is_asked_for_again_when_its_turn_has_come_and_not_for_ever() {
    var slots = SlotTable(capacity: 2)
    let first = slots.claim(for: .noOperation(), behind: nil)
    let second = slots.claim(for: .noOperation(), behind: first)
    let isAskedFor = slots.want(cancelled: second)
    let isDue = slots.hasDueCancellations
    let due = slots.takeDueCancellations()
    #expect(!isAskedFor && !isDue && due == [])
    let begun = complete(first, &slots)
    #expect(begun == first)
    var requests = 0
    while slots.takeDueCancellations() == [second] {
      requests += 1
      slots.markCancelling(second)
      let userData = second.userData | OperationID.cancelBit
      let ended = slots.accept(curing_completion(user_data: userData, result: -ENOENT, flags: 0))
      #expect(ended == nil)
    }
    #expect((2...100).contains(requests))
    let ended = complete(second, &slots)
    #expect(ended == second)
  }
}
