// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as somebody else's would be: it depends on millrace beside swift-nio and swift-system, whose C
// modules declare the kernel's structures too, and compiles the examples of the README.
let package = Package(
  name: "downstream",
  dependencies: [
    .package(name: "millrace", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // All that an embedder of the ring has: the one product.
    .executableTarget(name: "RingProgram", dependencies: [.product(name: "IOUring", package: "millrace")]),
    .testTarget(
      name: "DownstreamTests",
      dependencies: [
        .product(name: "AsyncPipeline", package: "millrace"),
        .product(name: "FileEngines", package: "millrace"),
        .product(name: "FilePipeline", package: "millrace"),
        .product(name: "FileStages", package: "millrace"),
        .product(name: "IOUring", package: "millrace"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "_NIOFileSystem", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
