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

/// Lets other tasks run for so many turns that whatever could go on has gone on, one should think.
func settle() async {
  for _ in 0..<1_000 { await Task.yield() }
}
