import AsyncPipeline

/// Between two looks. A loop of `Task.yield` instead would keep a processor from the tasks that are waited for, and
/// under a sanitizer never end.
private let pause = Duration.milliseconds(1)
/// Some ten seconds on an idle machine. A limit in time would fail where many tests share the processors: each look
/// waits for its turn among them, so that the others have had as many turns.
private let mostLooks = 10_000

/// Lets other tasks run until the condition holds.
///
/// - Returns: false if it still does not after ten thousand looks.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<mostLooks {
    if condition() { return true }
    try? await Task.sleep(for: pause)
  }
  return condition()
}

/// Waits until the number has not changed for fifty looks.
///
/// - Parameter least: what it is to reach first, however long the tasks that count wait for a processor.
func settled(_ counter: Counter, atLeast least: Int = 0) async -> Int {
  _ = await eventually { counter.value >= least }
  var last = counter.value
  var looks = 0
  while looks < 50 {
    try? await Task.sleep(for: pause)
    looks = counter.value == last ? looks + 1 : 0
    last = counter.value
  }
  return last
}

/// Waits until the task is cancelled.
func untilCancelled() async {
  _ = await Channel<Never>(capacity: 0).next()
}
