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

  /// Ends the program with a line where it could only trap, or wait for ever.
  static func check() {
    // Each thread that allocates gets an arena, up to eight for each core, and each reserves 64 MiB of the address
    // space, for the moment of its making twice that. Without a limit on that, what is reserved and not used costs
    // nothing, and threads with an arena each do not wait for one another.
    if AddressSpace.limit != nil { process_limit_arenas(1) }
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
