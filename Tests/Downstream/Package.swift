// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as an embedder's would be: it depends on millrace beside swift-nio and swift-system, whose C
// modules declare the kernel's structures too, and compiles the examples of the README. Beside swift-async-algorithms,
// too, whose tests of its channels must hold for this one's, and with which these are compared.
let package = Package(
  name: "downstream",
  dependencies: [
    .package(name: "millrace", path: "../.."),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // All that an embedder of the ring has: the one product.
    .executableTarget(name: "RingProgram", dependencies: [.product(name: "IOUring", package: "millrace")]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .testTarget(
      name: "DownstreamTests",
      dependencies: [
        "CZlib",
        .product(name: "AsyncPipeline", package: "millrace"),
        .product(name: "FileEngines", package: "millrace"),
        .product(name: "FilePipeline", package: "millrace"),
        .product(name: "FileStages", package: "millrace"),
        .product(name: "IOUring", package: "millrace"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "_NIOFileSystem", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    // Channels.
    .plugin(name: "ExchangeNames", capability: .buildTool()),
    .testTarget(
      name: "AsyncChannelTests",
      dependencies: [
        .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
        .product(name: "AsyncPipeline", package: "millrace"),
      ],
      plugins: ["ExchangeNames"]),
    .executableTarget(
      name: "channel-rates",
      dependencies: [
        .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
        .product(name: "AsyncPipeline", package: "millrace"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "IOUring", package: "millrace"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      path: "Sources/ChannelRates"),

    // Files.
    .executableTarget(
      name: "file-rates",
      dependencies: [
        .product(name: "AsyncPipeline", package: "millrace"),
        .product(name: "FilePipeline", package: "millrace"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "_NIOFileSystem", package: "swift-nio"),
      ],
      path: "Sources/FileRates"),
  ],
  swiftLanguageModes: [.v6]
)
