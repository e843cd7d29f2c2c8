import AsyncPipeline
import Glibc
import SystemPackage

/// Where figures were measured, without which they say little.
package struct Machine: Codable, Hashable, Sendable {
  /// As `/proc/cpuinfo` names it; nil where it does not.
  package let processor: String?
  /// Processors that are online.
  package let processors: Int
  /// Bytes of main memory.
  package let memory: Int64
  /// The kernel's release: uname(2).
  package let kernel: String

  package static var present: Machine {
    var name = utsname()
    uname(&name)
    return Machine(
      processor: processorName, processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      memory: Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))),
      kernel: withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }

  /// On one line.
  package var description: String {
    let memory = "\(Figures.decimal(Double(memory) / Double(1 << 30), places: 1)) GiB"
    return "\(processors) × \(processor ?? "processor"), \(memory), Linux \(kernel)"
  }

  /// From the line `model name : …`.
  private static var processorName: String? {
    guard let file = try? FileDescriptor.open("/proc/cpuinfo", .readOnly) else { return nil }
    defer { try? file.close() }
    // The first processor's lines are well within that.
    let text = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
    }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return nil
  }
}
