import Glibc
import SystemPackage

/// Sets the process's limit on open descriptors: for tests in processes of their own.
public func lowerDescriptorLimit(to count: Int) throws(Errno) {
  var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
  if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { throw Errno(rawValue: errno) }
}
