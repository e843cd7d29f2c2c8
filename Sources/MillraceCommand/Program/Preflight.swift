import CProcess
import FilePipeline
import Glibc
import SystemPackage

/// Checks and settings before the first task.
enum Preflight {
  /// How many descriptors the program needs besides those of an engine, which checks its own. A guess, with some spare.
  private static let descriptors = 8
  /// The address space that a run needs besides its engine: thread stacks, results, allocations of libraries. A guess:
  /// a run over a small file takes 4 MiB.
  private static let addressSpace = 8 << 20

  /// With this many descriptors, an eighth of them is the largest batch of files that an engine synchronizes at once.
  /// Most systems set the soft limit to 1,024, for the sake of select(2), and the hard limit far above.
  private static let usefulDescriptors: rlim_t = 32_768

  /// Raises the soft limit on open descriptors as far as useful and allowed. To be called before the limit is read.
  static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, usefulDescriptors) else { return }
    limit.rlim_cur = min(limit.rlim_max, usefulDescriptors)
    // If it fails, batches are smaller.
    _ = setrlimit(resource, &limit)
  }

  /// Ends the program with a message where it would otherwise trap or hang.
  static func check() {
    // Each thread that allocates gets an arena, up to eight per core, and free memory of one is of no use to another:
    // copying 117,745 files took at most 96 MiB with sixteen arenas and 87 MiB with two, in the same time. And each
    // arena reserves 64 MiB of address space, and twice that while it is created.
    process_limit_arenas(AddressSpace.limit == nil ? Int32(clamping: sysconf(Int32(_SC_NPROCESSORS_ONLN))) : 1)
    let free = DescriptorLimit.free
    if free < descriptors {
      refuse(
        "there are too few file descriptors left (\(free), of \(DescriptorLimit.soft)). "
          + "Raise the limit on open files (ulimit -n).")
    }
    if AddressSpace.free < addressSpace, let advice = AddressSpace.advice { refuse(advice) }
  }

  /// Starts the thread that the command runs on. Swift's cooperative pool is libdispatch's, which traps without /proc,
  /// and hangs where no thread can be started.
  static func startThread() -> ThreadExecutor {
    do throws(Errno) {
      return try ThreadExecutor(name: "command")
    } catch {
      refuse(ThreadShortage.advice)
    }
  }

  private static func refuse(_ message: String) -> Never {
    Diagnostics.report(message)
    exit(ExitStatus.aborted)
  }
}
