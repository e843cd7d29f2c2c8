import Testing

@testable import AsyncPipeline

@Suite
struct OpenBatchTests {
  @Test func batch_is_full_at_its_count() {
    var batch = OpenBatch<Int>(countLimit: 2, weightLimit: .max)
    batch.append(1, weight: 0)
    #expect(batch.hasRoom(for: .max))
    #expect(!batch.isFull)
    batch.append(2, weight: 0)
    #expect(batch.isFull)
    #expect(!batch.hasRoom(for: 0))
    #expect(batch.take() == [1, 2])
    #expect(batch.isEmpty)
  }

  @Test func batch_keeps_its_weight() {
    var batch = OpenBatch<Int>(countLimit: .max, weightLimit: 10)
    batch.append(1, weight: 6)
    #expect(!batch.hasRoom(for: 5))
    #expect(!batch.hasRoom(for: .max))
    #expect(batch.hasRoom(for: 4))
    batch.append(2, weight: 4)
    #expect(batch.isFull)
    #expect(batch.take() == [1, 2])
    #expect(batch.hasRoom(for: 7))
  }

  @Test func empty_batch_takes_an_element_that_is_too_heavy() {
    var batch = OpenBatch<Int>(countLimit: 5, weightLimit: 10)
    #expect(batch.hasRoom(for: .max))
    batch.append(1, weight: .max)
    #expect(batch.isFull)
  }
}
