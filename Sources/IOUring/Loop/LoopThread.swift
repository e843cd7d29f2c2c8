import LinuxSystem

/// The mark of a loop's own thread, with the state that only this thread uses.
final class LoopThread: ExecutorThread {
  private let core: LoopCore

  init(of loop: RingLoop, _ core: LoopCore) {
    self.core = core
    super.init(loop)
  }

  /// The core of `loop`, if the present thread is the loop's own.
  static func core(of loop: RingLoop) -> LoopCore? {
    guard let current, isRunning(loop) else { return nil }
    // Only `LoopThread` marks a thread with a loop.
    return unsafeDowncast(current, to: LoopThread.self).core
  }
}
