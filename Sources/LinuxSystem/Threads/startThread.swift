import CLinuxSystem
import Glibc
import SystemPackage

/// Of each thread's stack, in bytes. Threads other than the main one have as much on Apple's systems, so code in Swift
/// is written to run in it. The C library's default is the limit on the main thread's stack, 8 MiB as a rule, of which
/// a limit on address space (`ulimit -v`) counts every byte: sixty-four threads would take half a gigabyte.
package let threadStackSize = 512 * 1024

/// A thread that has ended counts against the limits until the kernel has let go of it. A guess: many times as long as
/// that takes on an idle machine.
private let patience = Duration.milliseconds(50)
private let pauseMicroseconds: UInt32 = 500

/// The same as ``startThread(name:_:)``, and for a moment again where there is no room. Blocks.
package func startThreadPatiently(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
  let start = ContinuousClock.now
  while true {
    do throws(Errno) {
      return try startThread(name: name, body)
    } catch {
      guard error == .resourceTemporarilyUnavailable, ContinuousClock.now - start < patience else { throw error }
    }
    usleep(pauseMicroseconds)
  }
}

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
  pthread_attr_setstacksize(&attributes, threadStackSize)
  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(name: name, body: body))
  let result = pthread_create(
    &thread, &attributes,
    { argument in
      let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
      linux_name_thread(start.name)
      start.body()
      return nil
    }, start.toOpaque())
  if result != 0 {
    start.release()
    throw Errno(rawValue: result)
  }
}
