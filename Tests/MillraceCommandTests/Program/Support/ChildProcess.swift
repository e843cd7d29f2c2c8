import FileTestSupport

typealias ChildProcess = FileTestSupport.ChildProcess

extension ChildProcess {
  /// - Parameter directory: kept until the child has ended.
  convenience init(
    _ arguments: [[UInt8]], in directory: TemporaryDirectory?, input: String = "/dev/null", output: String? = nil,
    closingOutputAfter lines: Int = .max, environment: [String] = []
  ) throws {
    // Determines the order of globs and the wording of messages.
    try self.init(
      arguments, in: directory.map { bytes($0.path) }, keeping: directory, input: input, output: output,
      closingOutputAfter: lines, environment: ["LC_ALL=C"] + environment)
  }
}

extension ChildProcess.Outcome {
  var outputText: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errors, as: UTF8.self) }
  var outputLines: [[UInt8]] { lines(output) }
  var errorLines: [String] { lines(errors).map { String(decoding: $0, as: UTF8.self) } }
}

/// The lines of a program's output. The last one need not end in a newline.
func lines(_ text: [UInt8]) -> [[UInt8]] {
  var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  if lines.last == [] { lines.removeLast() }
  return lines
}
