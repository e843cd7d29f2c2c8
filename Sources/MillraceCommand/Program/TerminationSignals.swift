import Glibc

/// The signals that ask a program to end: SIGINT, SIGTERM and SIGHUP.
///
/// A signal that was inherited as ignored, by nohup(1) or as a background job of a shell, stays ignored; one that was
/// inherited as blocked stays blocked.
///
/// The others are blocked, and received by ``wait()``, without a handler or a descriptor. Their action remains the
/// default one: unblocking a pending signal ends the process. Threads inherit the signal mask of their creator, so the
/// value must be created before any other thread.
struct TerminationSignals {
  private var signals = sigset_t()

  init() {
    var inherited = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &inherited)
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(signal) && sigismember(&inherited, signal) == 0 {
      sigaddset(&signals, signal)
    }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Blocks the thread until one of them arrives.
  func wait() -> Int32 {
    var signals = signals
    while true {
      // It fails with EINTR when the process was stopped and continued.
      let signal = sigwaitinfo(&signals, nil)
      if signal > 0 { return signal }
    }
  }

  /// Blocks the thread until one of them arrives, or until `end`: then it returns nil.
  func wait(until end: ContinuousClock.Instant) -> Int32? {
    var signals = signals
    while true {
      let (seconds, attoseconds) = max(.zero, end - .now).components
      var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
      let signal = sigtimedwait(&signals, nil, &left)
      if signal > 0 { return signal }
      if errno != EINTR { return nil }
    }
  }

  /// Unblocks them in this thread: they take their default action.
  func unblock() {
    var signals = signals
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Ends the process by the signal's default action, which the parent can see: a shell then ends its loop, which it
  /// does not if a child exits with status 130.
  static func endProcess(by signal: Int32) -> Never {
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    sigaddset(&unblocked, signal)
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    raise(signal)
    // Default actions do not end the init process of a PID namespace. Shells show this status for the signal.
    _exit(128 + signal)
  }

  /// Restores the default action of SIGQUIT, which ends the process. The handler of Swift's runtime prints a backtrace
  /// and lets the program continue.
  static func restoreQuit() {
    if !isIgnored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    // A handler is a pointer to a function, or one of a few small numbers. Functions cannot be compared in Swift.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
