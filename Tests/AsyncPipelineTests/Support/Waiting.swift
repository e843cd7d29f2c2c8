import AsyncPipeline

/// Lets other tasks run until the condition holds.
///
/// - Returns: false if it still does not after a great many turns.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<1_000_000 {
    if condition() { return true }
    await Task.yield()
  }
  return condition()
}

/// Waits until the number has not changed for a great many turns.
func settled(_ counter: Counter) async -> Int {
  var last = counter.value
  var turns = 0
  while turns < 2_000 {
    await Task.yield()
    turns = counter.value == last ? turns + 1 : 0
    last = counter.value
  }
  return last
}

/// Waits until the task is cancelled.
func untilCancelled() async {
  _ = await Channel<Never>(capacity: 0).next()
}
