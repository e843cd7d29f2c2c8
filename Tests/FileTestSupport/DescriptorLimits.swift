import Glibc
import SystemPackage

/// Sets the process's limit on open descriptors, which may be raised again: for tests in processes of their own.
public func lowerDescriptorLimit(to count: Int) throws(Errno) {
  var limit = rlimit()
  if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { throw Errno(rawValue: errno) }
  limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
  if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { throw Errno(rawValue: errno) }
}
