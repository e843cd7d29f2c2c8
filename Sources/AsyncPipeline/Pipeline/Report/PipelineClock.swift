/// The clock by which runs measure what their stages spend their time on, and wait before they pass on what is late.
///
/// ```swift
/// try await PipelineClock.$current.withValue(clock) { try await pipeline.run() }
/// ```
public enum PipelineClock {
  /// Of the runs that are started in the task and its children. `ContinuousClock` sleeps by Swift's own threads.
  @TaskLocal public static var current: any Clock<Duration> = ContinuousClock()
}
