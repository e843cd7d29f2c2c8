import AsyncPipeline

/// Between two looks. A loop of `Task.yield` instead would keep a processor from those who are waited for, and under a
/// sanitizer never end.
private let pause = Duration.milliseconds(1)

/// Lets other tasks run until the condition holds.
///
/// - Returns: false if it still does not after five minutes.
func eventually(_ condition: () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(300)
  while ContinuousClock.now < end {
    if condition() { return true }
    try? await Task.sleep(for: pause)
  }
  return condition()
}

/// Waits until the number has not changed for fifty looks.
func settled(_ counter: Counter) async -> Int {
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
