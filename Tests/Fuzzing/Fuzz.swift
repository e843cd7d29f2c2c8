import CFuzzer
import Glibc

#if DEBUG
/// What parses bytes, and the properties that hold for any bytes. A property that does not hold ends the process.
private let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "manifest": checkManifest, "names": checkName, "records": checkRecords, "sizes": checkByteSize,
]
#else
// The targets see what is internal to the package, which only a debug build shows (`@testable import`).
private let targets: [String: @Sendable ([UInt8]) -> Void] = [:]
#endif

/// `fuzz TARGET FILE…` replays the files: each is one input. In a build with `-sanitize=fuzzer -DFUZZER` the arguments
/// after the target are libFuzzer's: `fuzz TARGET -max_total_time=60 CORPUS…`
@main
struct Fuzz {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let check = targets[arguments[1]] else {
      print("usage: fuzz TARGET FILE…\ntargets: \(targets.keys.sorted().joined(separator: " "))")
      exit(EX_USAGE)
    }
    chosen = check
    #if FUZZER
    // libFuzzer's arguments begin behind the target's name.
    var count = CommandLine.argc - 1
    var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
    exit(LLVMFuzzerRunDriver(&count, &rest, testOneInput))
    #else
    for path in arguments.dropFirst(2) {
      guard let bytes = contents(of: path) else {
        print("\(path): cannot be read")
        exit(EX_NOINPUT)
      }
      check(bytes)
    }
    print("\(arguments[1]): \(arguments.count - 2) inputs")
    #endif
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return Array(bytes.prefix(fread(&bytes, 1, bytes.count, file)))
  }
}

/// Set once, before any input.
nonisolated(unsafe) private var chosen: @Sendable ([UInt8]) -> Void = { _ in }

/// The name that libFuzzer's own `main` refers to, though this program has another.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  chosen(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}

/// Ends the process, which libFuzzer reports with the input.
func require(_ condition: Bool, _ property: @autoclosure () -> String) {
  if !condition { fatalError(property()) }
}
