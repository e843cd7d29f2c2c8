import CUring
import Glibc
import Testing

@testable import IOUring

@Suite
struct SlotTableTests {
  @Test func generations_wrap_around() {
    var slots = SlotTable(capacity: 1, generation: .max - 1)
    var ids: [OperationID] = []
    for _ in 0..<4 {
      let id = slots.claim(for: Self.nop)
      #expect(OperationID(userData: id.userData()) == id)
      #expect(OperationID.message(userData: id.userData(), result: 0) == nil)
      let completed = slots.complete(id)
      #expect(completed?.id == id)
      ids.append(id)
    }
    #expect(ids.map(\.generation) == [.max - 1, .max, 0, 1])
    // Identifiers of operations that have completed match nothing.
    let next = slots.claim(for: Self.nop)
    for id in ids {
      let completed = slots.complete(id)
      #expect(completed == nil)
    }
    let (strays, used) = (slots.strayCompletions, slots.used)
    #expect(strays == 4 && used == 1)
    let completed = slots.complete(next)
    #expect(completed?.id == next)
  }

  @Test func identifiers_and_positions_are_told_apart_in_user_data() {
    let id = OperationID(index: UInt32(OperationID.maximumSlots - 1), generation: .max)
    for position in [0, 1, OperationID.maximumChain - 1] {
      let userData = id.userData(at: position)
      for userData in [userData, userData | OperationID.cancelBit] {
        #expect(OperationID(userData: userData) == id)
        #expect(OperationID.position(userData: userData) == position)
        #expect(OperationID.message(userData: userData, result: 0) == nil)
      }
    }
  }

  @Test func the_answer_of_an_interrupted_worker_thread_is_translated() {
    var slots = SlotTable(capacity: 2)
    for (cancelRequested, expected) in [(true, -ECANCELED), (false, -EINTR)] {
      for result in [-EINTR, -512] {
        let id = slots.claim(for: Self.nop)
        if cancelRequested {
          let request = slots.requestCancel(id)
          #expect(request == id.userData())
        }
        let completion = slots.complete(id, result)
        #expect(completion?.result == expected)
      }
    }
  }

  // MARK: Chains

  @Test func a_chain_takes_one_slot_and_completes_once() {
    var slots = SlotTable(capacity: 4)
    let id = slots.claim(for: Self.chain(3))
    let used = slots.used
    #expect(used == 3)
    var completion: Ring.Completion?
    for position in [0, 2, 1] {
      #expect(completion == nil)
      completion = slots.complete(id, at: position, Int32(position))
    }
    #expect(completion == Ring.Completion(id: id, results: [0, 1, 2], buffer: nil))
    let left = slots.used
    #expect(left == 0)
    // A position that has completed, and one that does not exist.
    let next = slots.claim(for: Self.chain(2))
    for position in [0, 0, 2] {
      let completed = slots.complete(next, at: position)
      #expect(completed == nil)
    }
    let (strays, inFlight) = (slots.strayCompletions, slots.used)
    #expect(strays == 2 && inFlight == 2)
  }

  @Test func a_cancelled_chain_is_cancelled_operation_by_operation() {
    var slots = SlotTable(capacity: 3)
    let id = slots.claim(for: Self.chain(3))
    let first = slots.requestCancel(id)
    #expect(first == id.userData())
    for position in 0..<3 {
      slots.noteCancelSent(id)
      // Only one request is out at a time.
      let (second, isDue) = (slots.requestCancel(id), slots.hasDueCancellations)
      #expect(second == nil && !isDue)
      let early = slots.complete(id, at: position, -ECANCELED)
      #expect(early == nil)
      let last = slots.completeCancel(of: id, at: position)
      if position < 2 {
        let due = slots.takeDueCancellations().map(\.userData)
        #expect(last == nil && due == [id.userData(at: position + 1)])
      } else {
        #expect(last?.results == [-ECANCELED, -ECANCELED, -ECANCELED])
      }
    }
    let (used, isDue) = (slots.used, slots.hasDueCancellations)
    #expect(used == 0 && !isDue)
  }

  @Test func a_close_in_a_cancelled_chain_is_left_alone() {
    var slots = SlotTable(capacity: 3)
    let chain = OperationChain(.noOperation()).always(.close(.standardInput)).always(.noOperation())
    let id = slots.claim(for: ChainInFlight(chain))
    _ = slots.requestCancel(id)
    _ = slots.complete(id, at: 0, -ECANCELED)
    let isDue = slots.hasDueCancellations
    #expect(!isDue)
    _ = slots.complete(id, at: 1)
    let due = slots.takeDueCancellations().map(\.userData)
    #expect(due == [id.userData(at: 2)])
  }

  @Test func a_follower_that_a_request_missed_is_asked_for_again_and_not_for_ever() {
    var slots = SlotTable(capacity: 2)
    let id = slots.claim(for: Self.chain(2))
    _ = slots.requestCancel(id)
    _ = slots.complete(id, at: 0)
    var requests = 0
    while slots.takeDueCancellations().map(\.userData) == [id.userData(at: 1)] {
      requests += 1
      slots.noteCancelSent(id)
      let ended = slots.completeCancel(of: id, at: 1, -ENOENT)
      #expect(ended == nil)
    }
    #expect((2...100).contains(requests))
    let ended = slots.complete(id, at: 1)
    #expect(ended?.results == [0, 0])
  }

  /// Counts steps, whatever the number of operations in flight.
  @Test(arguments: [10, 100, 1000]) func cancelling_many_chains_examines_each_a_fixed_number_of_times(_ count: Int) {
    var slots = SlotTable(capacity: 2 * count)
    let ids = (0..<count).map { _ in slots.claim(for: Self.chain(2)) }
    for id in ids.reversed() {
      if slots.requestCancel(id) != nil { slots.noteCancelSent(id) }
    }
    // One after another: the others are in flight all the while.
    for id in ids {
      _ = slots.complete(id, at: 0, -ECANCELED)
      _ = slots.completeCancel(of: id, at: 0)
      let due = slots.takeDueCancellations().map(\.id)
      #expect(due == [id])
      slots.noteCancelSent(id)
      _ = slots.completeCancel(of: id, at: 1)
      let completion = slots.complete(id, at: 1, -ECANCELED)
      #expect(completion?.id == id)
      _ = slots.takeDueCancellations()
    }
    let (examined, used) = (slots.examinedCancellations, slots.used)
    #expect(examined == count && used == 0)
  }

  private static var nop: SubmissionEntry { RingOperation.noOperation().entry }

  private static func chain(_ count: Int) -> ChainInFlight {
    ChainInFlight((1..<count).reduce(OperationChain(.noOperation())) { chain, _ in chain.always(.noOperation()) })
  }
}

extension SlotTable {
  fileprivate mutating func complete(_ id: OperationID, at position: Int = 0, _ result: Int32 = 0) -> Ring.Completion? {
    accept(curing_completion(user_data: id.userData(at: position), result: result, flags: 0))
  }

  fileprivate mutating func completeCancel(
    of id: OperationID, at position: Int, _ result: Int32 = 0
  ) -> Ring.Completion? {
    let userData = id.userData(at: position) | OperationID.cancelBit
    return accept(curing_completion(user_data: userData, result: result, flags: 0))
  }
}
