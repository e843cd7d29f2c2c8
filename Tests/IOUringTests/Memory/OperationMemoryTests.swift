import Testing

@testable import IOUring

/// The copies of paths that the kernel gets.
struct OperationMemoryTests {
  @Test(arguments: ["", "a", "a/b"])
  func a_path_is_copied_with_its_end(path: String) {
    let memory = PathMemory(path, count: path.utf8.count)
    #expect(memory.address != PathMemory.refusedAddress)
    #expect(String(cString: memory.address) == path)
  }

  /// `FilePath` itself traps in a debug build.
  @Test(arguments: ["/etc/passwd\0.txt", "a\0", "\0"])
  func of_a_path_with_a_nul_the_kernel_gets_nothing(path: String) {
    #expect(PathMemory(path, count: path.utf8.count).address == PathMemory.refusedAddress)
  }
}
