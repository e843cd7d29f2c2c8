import Dispatch

/// Blocks the thread, which Swift would rather not let a task do.
public func enterWait(_ semaphore: DispatchSemaphore) {
  semaphore.wait()
}
