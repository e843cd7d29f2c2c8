import SystemPackage
import Testing

@testable import FileEngines

/// The way that a file takes, by the facts.
@Suite struct WritePlanTests {
  private static let ext4 = TargetFileSystem(kind: .local, type: 0xef53)

  private static func plan(
    _ choice: FileEngineConfiguration.Writes, _ change: (inout WritePlan) -> Void = { _ in }
  ) -> WritePlan.Path {
    var plan = WritePlan(choice: choice, fileSystem: ext4, byteCount: 10_000)
    change(&plan)
    return plan.path
  }

  @Test func measured_file_systems_take_the_ring_and_the_others_only_if_they_are_told_to() {
    #expect(Self.plan(.auto) == .chain && Self.plan(.ring) == .chain && Self.plan(.calls) == .callsOnLoop)
    let others: [TargetFileSystem] = [
      TargetFileSystem(kind: .layers, type: 0x794c_7630), TargetFileSystem(kind: .local, type: nil),
      TargetFileSystem(kind: .local, type: 0x4d44),
    ]
    for other in others {
      #expect(Self.plan(.auto) { $0.fileSystem = other } == .callsOnLoop)
      #expect(Self.plan(.ring) { $0.fileSystem = other } == .chain)
    }
    #expect(Self.plan(.auto) { $0.byteCount = WritePlan.mostBytes } == .chain)
    #expect(Self.plan(.auto) { $0.byteCount = WritePlan.mostBytes + 1 } == .callsOnHelper)
    #expect(Self.plan(.ring) { $0.byteCount = WritePlan.mostBytes + 1 } == .chain)
    #expect(Self.plan(.auto) { $0.options.attributes = FileAttributes() } == .callsOnLoop)
    #expect(Self.plan(.ring) { $0.options.attributes = FileAttributes() } == .chain)
  }

  @Test func what_a_chain_cannot_do_is_done_by_calls() {
    let changes: [(WritePlan.Path, (inout WritePlan) -> Void)] = [
      (.callsOnHelper, { $0.fileSystem = TargetFileSystem(kind: .daemon, type: nil) }),
      (.callsOnHelper, { $0.fileSystem = TargetFileSystem(kind: .server, type: nil) }),
      (.callsOnHelper, { $0.options.durability = .fileAndDirectory }),
      (.callsOnLoop, { $0.options.durability = .batch }),
      (.callsOnLoop, { $0.refusesUnnamedFiles = true }), (.callsOnLoop, { $0.namesDescriptors = false }),
      (.callsOnLoop, { $0.nameCount = 256 }), (.callsOnLoop, { $0.options.needsHiddenName = true }),
      (.callsOnLoop, { $0.isShortOfDescriptors = true }),
      (.callsOnLoop, { $0.options.permissions = .exactly(FilePermissions(rawValue: 0o4755)) }),
    ]
    for (path, change) in changes {
      for choice in FileEngineConfiguration.Writes.allCases { #expect(Self.plan(choice, change) == path) }
    }
    #expect(Self.plan(.auto) { $0.nameCount = 255 } == .chain)
    #expect(Self.plan(.auto) { $0.options.permissions = .exactly(FilePermissions(rawValue: 0o777)) } == .chain)
    #expect(Self.plan(.auto) { $0.options.durability = .file } == .chain)
    #expect(Self.plan(.calls) { $0.options.durability = .file } == .callsOnHelper)
  }
}
