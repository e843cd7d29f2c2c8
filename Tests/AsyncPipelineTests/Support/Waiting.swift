import AsyncPipeline

/// Between two polls. A loop of `Task.yield` instead would take processor time from the tasks that are waited for, and
/// would never end under a sanitizer.
private let pause = Duration.milliseconds(1)
/// Some ten seconds on an idle machine. A time limit would fail if many tests share the processors, while each poll
/// gives all of them a turn.
private let mostPolls = 10_000

/// Polls until the condition holds.
///
/// - Returns: false if it does not hold after ten thousand polls.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<mostPolls {
    if condition() { return true }
    try? await Task.sleep(for: pause)
  }
  return condition()
}

/// Waits until the number has not changed for fifty polls.
///
/// - Parameter least: the number to reach first, however long the counting tasks wait for a processor.
func settled(_ counter: Counter, atLeast least: Int = 0) async -> Int {
  _ = await eventually { counter.value >= least }
  var last = counter.value
  var polls = 0
  while polls < 50 {
    try? await Task.sleep(for: pause)
    polls = counter.value == last ? polls + 1 : 0
    last = counter.value
  }
  return last
}

/// Waits until the task is cancelled.
func untilCancelled() async {
  _ = await Channel<Never>(capacity: 0).next()
}
