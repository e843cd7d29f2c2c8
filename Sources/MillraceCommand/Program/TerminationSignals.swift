import Glibc

/// The signals that ask a program to end: SIGINT, SIGTERM and SIGHUP.
///
/// Left out are those that were inherited as ignored, as nohup(1) and a shell's background jobs have them, and those
/// that were inherited as blocked: they stay as they are.
///
/// The others are blocked and taken by ``wait()``, with no handler and no descriptor. Their action remains the default
/// one, so that unblocking one is enough to die of it. A thread inherits the mask of the thread that makes it: the
/// value is created before any other thread is.
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
      // Fails only when the process was stopped and continued.
      let signal = sigwaitinfo(&signals, nil)
      if signal > 0 { return signal }
    }
  }

  /// The same until a moment: nil if none has arrived.
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

  /// Leaves them to their default action, in this thread.
  func unblock() {
    var signals = signals
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Ends the process by the signal's default action: the parent sees that it died of the signal. A shell ends its loop
  /// then, which it does not if a child exits with 130.
  static func endProcess(by signal: Int32) -> Never {
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    sigaddset(&unblocked, signal)
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    raise(signal)
    // The first process of a PID namespace does not die of default actions. The status is what shells show for the
    // signal.
    _exit(128 + signal)
  }

  /// Gives SIGQUIT its default action back, which ends the process. The handler that Swift's runtime has installed
  /// prints a backtrace and lets the program continue.
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
