import FilePipeline
import Glibc

/// What must be there before the first task is made.
enum StartingConditions {
  /// libdispatch, whose threads Swift's tasks run on, opens an epoll instance, an event descriptor, timers, a signal descriptor
  /// and a file of /proc, and ends the process with a trap where it cannot. A guess, with one or two to spare.
  private static let descriptors = 8

  /// Ends the program with a line where it could only trap.
  static func check() {
    let free = DescriptorLimit.free
    if free >= descriptors { return }
    Diagnostics.report(
      "there are too few file descriptors left (\(free), of \(DescriptorLimit.soft)). "
        + "Raise the limit on open files (ulimit -n).")
    exit(ExitStatus.aborted)
  }
}
