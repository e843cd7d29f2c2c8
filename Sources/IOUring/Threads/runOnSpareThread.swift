import SystemPackage

/// Runs a job that came to an executor after its end, on a thread made for it, so that no task is left suspended for ever.
package func runOnSpareThread(_ job: UnownedJob, _ executor: some TaskExecutor) {
  do throws(Errno) {
    try startThread(name: "late-job") { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
  } catch {
    preconditionFailure("no thread for a job that outlived its executor: \(error)")
  }
}
