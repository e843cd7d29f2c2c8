import CProcess
import FilePipeline
import Glibc
import SystemPackage

/// What must be there before the first task is made, and what is set for all that follows.
enum StartingConditions {
  /// What the program opens at once beside an engine, with some to spare; engines look for themselves. A guess.
  private static let descriptors = 8
  /// What a run takes of the address space beside its engine: stacks of threads of its own, results, what libraries
  /// allocate. A guess: a run over a small file takes 4 MiB.
  private static let addressSpace = 8 << 20

  /// So many descriptors let as many files wait for one synchronization as an engine has wait at most, an eighth of
  /// them. Most systems give a process 1,024, for the sake of select(2), and let it have more.
  private static let usefulDescriptors: rlim_t = 32_768

  /// Raises the limit on open descriptors as far as is of use, and allowed. To be called before anything asks for it.
  static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, usefulDescriptors) else { return }
    limit.rlim_cur = min(limit.rlim_max, usefulDescriptors)
    // Without it there are smaller groups.
    _ = setrlimit(resource, &limit)
  }

  /// Ends the program with a line where it could only trap, or wait for ever.
  static func check() {
    // Each thread that allocates gets an arena, up to eight for each core, and each keeps memory that others could use:
    // copying 117,745 files took 96 MiB at the most with sixteen arenas and 87 with two, in the same time. And each
    // reserves 64 MiB of the address space, for the moment of its making twice that.
    process_limit_arenas(AddressSpace.limit == nil ? Int32(clamping: sysconf(Int32(_SC_NPROCESSORS_ONLN))) : 1)
    let free = DescriptorLimit.free
    if free < descriptors {
      refuse(
        "there are too few file descriptors left (\(free), of \(DescriptorLimit.soft)). "
          + "Raise the limit on open files (ulimit -n).")
    }
    if AddressSpace.free < addressSpace, let advice = AddressSpace.advice { refuse(advice) }
  }

  /// Starts the thread that the command runs on. Swift's own threads are libdispatch's, which ends the process with a
  /// trap where there is no /proc, and waits for ever where the system has no room for a thread.
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
