// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "millrace",
  products: [
    .library(name: "IOUring", targets: ["IOUring"]),
    .library(name: "AsyncPipeline", targets: ["AsyncPipeline"]),
    .library(name: "FileEngines", targets: ["FileEngines"]),
    .library(name: "FileEngineTesting", targets: ["FileEngineTesting"]),
    .library(name: "FilePipeline", targets: ["FilePipeline"]),
    .library(name: "FileStages", targets: ["FileStages"]),
    .executable(name: "millrace", targets: ["millrace"]),
  ],
  // No more than one is enabled by default: the compiler gets a flag for each, in an order that differs from one build
  // to the next, and flags in another order have everything built again.
  traits: [
    .trait(
      name: "Foundation",
      description: """
        The engine `blocking`, over Foundation's FileHandle, and paths of URLs. Without this trait FileEngines, and \
        what is built on it, do without Foundation.
        """),
    .trait(
      name: "WithoutLiburing",
      description: "Leaves liburing out even where its header is: no ring can be made (ENOSYS). For tests."),
    .default(enabledTraits: ["Foundation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // System calls and threads.
    .target(name: "CLinuxSystem"),
    .target(
      name: "LinuxSystem",
      dependencies: ["CLinuxSystem", .product(name: "DequeModule", package: "swift-collections"), .systemPackage]),

    // The ring, from the system's library up.
    .systemLibrary(name: "CLiburing", pkgConfig: "liburing", providers: [.apt(["liburing-dev"])]),
    .target(
      name: "CUring",
      dependencies: ["CLiburing"],
      cSettings: [.define("MILLRACE_WITHOUT_LIBURING", .when(traits: ["WithoutLiburing"]))]
    ),
    .target(
      name: "IOUring",
      dependencies: [
        "CLinuxSystem", "CUring", "LinuxSystem", .product(name: "DequeModule", package: "swift-collections"),
        .systemPackage,
      ]
    ),

    // Files, and pipelines: neither knows the other.
    .target(
      name: "FileEngines",
      dependencies: [
        "IOUring", "LinuxSystem", .product(name: "DequeModule", package: "swift-collections"), .systemPackage,
      ]
    ),
    .target(
      name: "FileEngineTesting",
      dependencies: [
        "FileEngines", "IOUring", "LinuxSystem", .product(name: "DequeModule", package: "swift-collections"),
        .systemPackage,
      ]
    ),
    .target(
      name: "AsyncPipeline",
      dependencies: [.product(name: "DequeModule", package: "swift-collections")]
    ),

    // Both together.
    .target(name: "CMemorySearch"),
    .target(
      name: "FilePipeline",
      dependencies: ["AsyncPipeline", "CMemorySearch", "FileEngines", "IOUring", "LinuxSystem", .systemPackage]
    ),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .target(name: "CDigests", dependencies: ["CXXHash"]),
    .target(
      name: "FileStages",
      dependencies: ["CDigests", "CMemorySearch", "FilePipeline", .product(name: "Crypto", package: "swift-crypto")]
    ),

    // Figures and their tables, for the command and the benchmarks.
    .target(name: "Measurement", dependencies: ["AsyncPipeline", .systemPackage]),

    // The command.
    .target(name: "CProcess"),
    .target(
      name: "MillraceCommand",
      dependencies: [
        "CProcess", "FileStages", "IOUring", "LinuxSystem", "Measurement",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), .systemPackage,
      ]
    ),
    .executableTarget(name: "millrace", dependencies: ["MillraceCommand"]),
    // The sample data, and trees to measure with.
    .target(name: "Generators", dependencies: [.systemPackage]),
    .target(name: "CMallocCount"),
    .target(name: "CSystemCallCount"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "AsyncPipeline", "CMallocCount", "CSystemCallCount", "FileStages", "Generators", "IOUring", "Measurement",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "DequeModule", package: "swift-collections"), .systemPackage,
      ]
    ),

    .target(
      name: "FileTestSupport",
      dependencies: ["FileEngineTesting", "FileEngines", "IOUring", "LinuxSystem", .systemPackage],
      path: "Tests/FileTestSupport"),
    // What ThreadSanitizer must be told of Swift's runtime. Empty without it.
    .target(name: "SanitizerSupport", path: "Tests/SanitizerSupport"),
    // Lets the suites run one after another.
    .target(name: "TestTurns", path: "Tests/TestTurns"),
    // Runs a command where io_uring is refused.
    .executableTarget(name: "refuse-io-uring", path: "Tests/RefuseIOUring"),
    // Serves a file system whose files are slow, hang, fail or lie.
    .executableTarget(name: "fault-file-system", path: "Tests/FaultFileSystem"),
    .testTarget(
      name: "LinuxSystemTests", dependencies: ["FileTestSupport", "LinuxSystem", "TestTurns", .systemPackage]),
    .testTarget(
      name: "IOUringTests", dependencies: ["FileTestSupport", "IOUring", "LinuxSystem", "TestTurns", .systemPackage]),
    // Ends the process where a file call is made that should not be.
    .target(name: "CFileCallFilter", path: "Tests/CFileCallFilter"),
    .testTarget(
      name: "FileEnginesTests",
      dependencies: [
        "CFileCallFilter", "FileEngineTesting", "FileEngines", "FileTestSupport", "IOUring", "LinuxSystem", "TestTurns",
        "fault-file-system", .systemPackage,
      ]),
    .testTarget(
      name: "FileEngineTestingTests",
      dependencies: ["FileEngineTesting", "FileEngines", "FileTestSupport", "IOUring", "TestTurns", .systemPackage]),
    .testTarget(name: "AsyncPipelineTests", dependencies: ["AsyncPipeline", "TestTurns"]),
    .testTarget(
      name: "FilePipelineTests",
      dependencies: [
        "FileEngines", "FilePipeline", "FileTestSupport", "IOUring", "LinuxSystem", "TestTurns", "fault-file-system",
        .systemPackage,
      ]),
    .testTarget(name: "GeneratorsTests", dependencies: ["FileTestSupport", "Generators"]),
    .testTarget(name: "MeasurementTests", dependencies: ["Measurement", "TestTurns"]),
    // Starts the program as a child process, and does not link it: what counts allocations would replace malloc here.
    .testTarget(name: "BenchmarksTests", dependencies: ["FileEngines", "FileTestSupport", "Measurement", "TestTurns"]),
    .testTarget(name: "FileStagesTests", dependencies: ["FileStages", "CDigests", "TestTurns"]),
    // The executables too: the tests of the program start them as child processes.
    .testTarget(
      name: "MillraceCommandTests",
      dependencies: [
        "FileStages", "FileTestSupport", "LinuxSystem", "Measurement", "MillraceCommand", "millrace", "refuse-io-uring",
        "TestTurns",
        "fault-file-system", .systemPackage,
      ]),
    // Properties of what parses bytes, with inputs of libFuzzer's or a file's.
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", "FileStages", "MillraceCommand", .systemPackage], path: "Tests/Fuzzing",
      exclude: ["CFuzzer", "Seeds"]),
  ],
  swiftLanguageModes: [.v6]
)

// An asynchronous function runs where its caller does unless it says otherwise: on a loop's thread every change of
// executor that the compiler would put in between costs a look at the task's preference, under a lock.
for target in package.targets where ![.system, .plugin].contains(target.type) {
  target.swiftSettings = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
}

// Functions that return views of a line's bytes (`~Escapable`) say on what the views depend.
for target in package.targets where target.name == "FilePipeline" {
  target.swiftSettings?.append(.enableExperimentalFeature("Lifetimes"))
}

for target in package.targets where target.type == .test {
  target.dependencies.append("SanitizerSupport")
}

// For builds under a sanitizer: the test targets that the variable names, and what they need.
if let tests = Context.environment["MILLRACE_TESTS"] {
  var needed: Set<String> = []
  var waiting = tests.split(separator: " ").map(String.init)
  while let name = waiting.popLast() {
    if !needed.insert(name).inserted { continue }
    for target in package.targets where target.name == name { waiting += target.dependencies.compactMap(\.targetName) }
  }
  package.products = []
  package.targets.removeAll { !needed.contains($0.name) }
}

extension Target.Dependency {
  /// Nil for a product of another package.
  var targetName: String? {
    switch self {
    case .byNameItem(let name, _), .targetItem(let name, _): name
    default: nil
    }
  }

  static var systemPackage: Self { .product(name: "SystemPackage", package: "swift-system") }
}
