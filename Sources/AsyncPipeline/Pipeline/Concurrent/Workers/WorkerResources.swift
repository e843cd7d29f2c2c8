/// Opens and closes the resource of each worker, such as a connection or a buffer.
@usableFromInline
struct WorkerResources<Resource>: Sendable {
  @usableFromInline let open: @Sendable () async throws -> Resource
  @usableFromInline let close: @Sendable (Resource) async -> Void

  @inlinable
  init(open: @escaping @Sendable () async throws -> Resource, close: @escaping @Sendable (Resource) async -> Void) {
    (self.open, self.close) = (open, close)
  }

  /// Calls `body` with a resource, and closes the resource however `body` ends. If it cannot be opened, the run ends.
  @inlinable
  func with<Input>(_ instance: StageInstance<Input>, _ body: (Resource) async throws -> Void) async throws {
    let resource: Resource
    do {
      resource = try await open()
    } catch {
      throw instance.run.fatal(error, in: instance.counters)
    }
    do {
      try await body(resource)
    } catch {
      await close(resource)
      throw error
    }
    await close(resource)
  }
}

extension WorkerResources where Resource == Void {
  @inlinable static var none: WorkerResources { WorkerResources(open: {}, close: { _ in }) }
}
