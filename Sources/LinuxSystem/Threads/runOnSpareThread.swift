import SystemPackage

/// Runs a job that came to an executor after its end, on a thread made for it, so that no task is left suspended for
/// ever. Where the system has no room for a thread the present one runs it.
package func runOnSpareThread(_ job: UnownedJob, _ executor: some TaskExecutor) {
  let run = { @Sendable in job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
  do throws(Errno) {
    try startThread(name: "late-job", run)
  } catch {
    run()
  }
}
