import CUring
import Glibc
import SystemPackage

/// Starts a detached thread that runs `body` and ends.
///
/// - Parameter name: what ps(1) and perf(1) show; its first 15 bytes.
/// - Throws: `EAGAIN` if the system has no room for another thread.
package func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
  final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      (self.name, self.body) = (name, body)
    }
  }

  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(name: name, body: body))
  let result = pthread_create(
    &thread, &attributes,
    { argument in
      let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
      curing_name_thread(start.name)
      start.body()
      return nil
    }, start.toOpaque())
  if result != 0 {
    start.release()
    throw Errno(rawValue: result)
  }
}
