import SystemPackage
import Testing

@testable import FileEngines

@Suite struct AccessControlListTests {
  private static func entry(_ tag: UInt8, _ permissions: UInt8) -> [UInt8] {
    [tag, 0, permissions, 0, 255, 255, 255, 255]
  }

  @Test(
    arguments: [
      // The owning group's entry, limited by the mask.
      (4, 6, 0o660, 0o640), (6, 4, 0o640, 0o640), (7, 5, 0o755, 0o755), (0, 7, 0o1770, 0o1700),
    ] as [(UInt8, UInt8, UInt16, UInt16)])
  func without_its_list_a_file_gives_its_group_what_the_list_did(
    group: UInt8, mask: UInt8, mode: UInt16, expected: UInt16
  ) throws {
    let value = [2, 0, 0, 0] + Self.entry(1, 6) + Self.entry(2, 7) + Self.entry(4, group) + Self.entry(0x10, mask)
    let list = try #require(AccessControlList(value + Self.entry(0x20, 0)))
    let permissions = FilePermissions(rawValue: CInterop.Mode(mode))
    #expect(list.withoutList(permissions) == FilePermissions(rawValue: CInterop.Mode(expected)))
  }

  @Test func what_is_no_list_is_none() {
    for value in [[], [2, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 1]] as [[UInt8]] {
      #expect(AccessControlList(value) == nil)
    }
    #expect(AccessControlList([2, 0, 0, 0])?.withoutList(.ownerReadWrite) == .ownerReadWrite)
  }
}
