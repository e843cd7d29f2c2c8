import SystemPackage

/// What this process has had written to disks: `write_bytes` of /proc/self/io, proc_pid_io(5).
package enum DeviceWrites {
  /// Bytes, of all threads until now, the workers of io_uring included. Nil where the kernel does not count them, or
  /// there is no /proc.
  ///
  /// The kernel counts a page when it becomes dirty, and a direct write when it is made: when the page goes to the disk
  /// makes no difference. What a file system writes of its own accord, to its journal, is not counted, and nothing is
  /// where there is no disk (tmpfs).
  package static var bytes: Int64? {
    guard let file = try? FileDescriptor.open("/proc/self/io", .readOnly) else { return nil }
    defer { try? file.close() }
    // Seven lines of a name and a number.
    var text = [UInt8](repeating: 0, count: 1024)
    guard let count = try? text.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
    return bytes(in: String(decoding: text.prefix(count), as: UTF8.self))
  }

  package static func bytes(in text: String) -> Int64? {
    let name = "write_bytes: "
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line.flatMap { Int64($0.dropFirst(name.count)) }
  }
}
