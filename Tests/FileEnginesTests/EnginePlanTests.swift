import SystemPackage
import Testing

@testable import FileEngines

/// What an engine takes on different machines.
@Suite struct EnginePlanTests {
  static func facts(
    processors: Int = 2, descriptors: Int = 1024, free: Int? = nil, addressSpace: Int = .max
  ) -> EnginePlan.Facts {
    EnginePlan.Facts(
      processors: processors, descriptorLimit: descriptors, freeDescriptors: free ?? descriptors - 3,
      freeAddressSpace: addressSpace)
  }

  @Test(
    arguments: [
      // processors, descriptors → loops, depth, chains
      (2, 32_768, 2, 128, 20), (16, 32_768, 16, 128, 4), (64, 32_768, 64, 128, 1), (64, 1024, 63, 8, 1),
      (2, 1024, 2, 128, 20), (2, 256, 2, 64, 20), (2, 64, 2, 15, 15), (1, 64, 1, 32, 20),
    ] as [(Int, Int, Int, Int, Int)])
  func rings_by_cores_and_descriptors(
    _ processors: Int, _ descriptors: Int, _ loops: Int, _ depth: Int, _ chains: Int
  ) throws {
    let facts = Self.facts(processors: processors, descriptors: descriptors)
    let plan = try EnginePlan.uring(FileEngineConfiguration(), facts)
    #expect(plan.loops == loops && plan.depth == depth && plan.chains == chains, "\(plan)")
    // Half of the descriptors are enough for the files, and the rings have theirs.
    #expect(plan.loops * plan.depth <= max(plan.loops, descriptors / 2))
  }

  @Test func configuration_is_taken_as_far_as_there_is_room() throws {
    let configuration = FileEngineConfiguration(loops: 3, depth: 7, bufferSize: 4096, writes: .calls)
    let plan = try EnginePlan.uring(configuration, Self.facts())
    #expect(plan.loops == 3 && plan.depth == 7 && plan.chains == 0)
    #expect(plan.bufferBytes == 3 * 7 * 4096 + ReadAheadBudget.bytes)
    #expect(try EnginePlan.uring(FileEngineConfiguration(depth: 4096), Self.facts()).depth == 256)
    #expect(try EnginePlan.threads(FileEngineConfiguration(depth: 7), Self.facts()).depth == 7)
    #expect(try EnginePlan.threads(FileEngineConfiguration(), Self.facts()).depth == 64)
    #expect(try EnginePlan.threads(FileEngineConfiguration(), Self.facts(descriptors: 64)).depth == 32)
    #expect(try EnginePlan.blocking(FileEngineConfiguration(depth: 7), Self.facts()).depth == 1)
  }

  @Test func little_address_space_makes_a_smaller_engine_or_none() throws {
    let mebibyte = 1 << 20
    // 81 MiB go to the rest of the program, to stacks and to reading ahead; a buffer on each of two loops is 256 KiB.
    for (space, depth) in [(1024, 128), (113, 128), (112, 124), (82, 4)] {
      let facts = Self.facts(addressSpace: space * mebibyte)
      #expect(try EnginePlan.uring(FileEngineConfiguration(loops: 2), facts).depth == depth, "\(space) MiB")
    }
    #expect(throws: Errno.noMemory) {
      try EnginePlan.uring(FileEngineConfiguration(), Self.facts(addressSpace: 80 * mebibyte))
    }
    #expect(throws: Errno.noMemory) {
      try EnginePlan.blocking(FileEngineConfiguration(), Self.facts(addressSpace: 16 * mebibyte))
    }
  }

  @Test func too_few_descriptors_make_no_engine() throws {
    let fewest = DescriptorReserve.count + EnginePlan.Facts.fewestDescriptors
    #expect(try EnginePlan.threads(FileEngineConfiguration(), Self.facts(free: fewest)).depth == 1)
    #expect(throws: Errno.tooManyOpenFiles) {
      try EnginePlan.threads(FileEngineConfiguration(), Self.facts(free: fewest - 1))
    }
    #expect(throws: Errno.tooManyOpenFiles) {
      try EnginePlan.blocking(FileEngineConfiguration(), Self.facts(free: fewest - 1))
    }
    #expect(try EnginePlan.uring(FileEngineConfiguration(), Self.facts(free: fewest + 2)).loops == 1)
    #expect(throws: Errno.tooManyOpenFiles) {
      try EnginePlan.uring(FileEngineConfiguration(), Self.facts(free: fewest + 1))
    }
  }

  @Test func plan_is_said_in_a_line() throws {
    let rings = try EnginePlan.uring(FileEngineConfiguration(), Self.facts())
    #expect(
      "\(rings)" == "2 loops of 128 files in flight, up to 80 threads for blocking calls and 56 MiB of buffers")
    let threads = try EnginePlan.threads(FileEngineConfiguration(depth: 1), Self.facts())
    #expect("\(threads)" == "1 thread with a file each, up to 1 MiB of buffers")
  }
}
