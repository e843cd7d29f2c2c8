import Testing

@testable import FileEngines

/// Which extended attributes of a target are removed if its source lacks them.
@Suite struct ExtendedUpdateTests {
  @Test(
    arguments: [
      ("user.x", true), ("trusted.x", true), ("system.posix_acl_access", true), ("system.posix_acl_default", true),
      ("security.capability", true),
      // Labels, and what the kernel keeps for itself.
      ("security.selinux", false), ("system.nfs4_acl", false),
      // The access control lists once more, as XFS shows them to root.
      ("trusted.SGI_ACL_FILE", false), ("trusted.SGI_ACL_DEFAULT", false),
    ])
  func kernels_own_stay(_ name: String, _ isRemoved: Bool) {
    #expect(ExtendedUpdate.isRemoved(Array(name.utf8CString)) == isRemoved)
  }
}
