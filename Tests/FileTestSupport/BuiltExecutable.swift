import Glibc

/// The path of one of the package's executables: they are built into the same directory as the tests, which are one
/// too.
public func builtExecutable(_ name: String) -> String {
  var target = [CChar](repeating: 0, count: Int(PATH_MAX))
  let length = readlink("/proc/self/exe", &target, target.count)
  let path = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
  let directory = path.prefix(1 + (path.lastIndex(of: UInt8(ascii: "/")) ?? -1))
  return String(decoding: directory, as: UTF8.self) + name
}
