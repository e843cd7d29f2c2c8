import Glibc
import Measurement
import Testing

@Suite struct DeviceWritesTests {
  @Test func the_line_is_found_among_the_others() {
    let text = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n"
    #expect(DeviceWrites.bytes(in: text) == 4096)
    #expect(DeviceWrites.bytes(in: "cancelled_write_bytes: 7\n") == nil)
    #expect(DeviceWrites.bytes(in: "") == nil)
  }

  @Test(.enabled("the kernel counts no writes") { access("/proc/self/io", R_OK) == 0 }) func it_never_sinks() throws {
    let before = try #require(DeviceWrites.bytes)
    #expect(try #require(DeviceWrites.bytes) >= before)
  }
}
