import CSystemCallCount
import SystemPackage

/// How many system calls a program makes, its threads and children included.
enum SystemCalls {
  /// Runs the program.
  ///
  /// - Returns: nil where ptrace(2) is refused.
  /// - Throws: ``CannotMeasure`` if it cannot be started, or fails.
  static func count(of arguments: [String]) throws -> Int? {
    let nowhere = try FileDescriptor.open("/dev/null", .writeOnly)
    defer { try? nowhere.close() }
    var status: Int32 = 0
    let count = withArgumentVector(arguments) { count_system_calls($0, nowhere.rawValue, &status) }
    if count == -Int(Errno.notPermitted.rawValue) || count == -Int(Errno.permissionDenied.rawValue) { return nil }
    if count < 0 { throw CannotMeasure("\(arguments[0]): \(Errno(rawValue: Int32(-count)))") }
    if status != 0 { throw CannotMeasure("\(arguments.joined(separator: " ")): \(ChildRun.end(status))") }
    return count
  }
}
