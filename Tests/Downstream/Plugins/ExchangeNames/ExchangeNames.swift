import Foundation
import PackagePlugin

/// Adds to a test target the tests that swift-async-algorithms has for its two channels, from that package's own
/// checkout, with the names of the types and of the module exchanged and nothing else.
@main
struct ExchangeNames: BuildToolPlugin {
  private static let files = ["TestChannel.swift", "TestThrowingChannel.swift", "Support/Failure.swift"]
  private static let exchanges = [
    "s/AsyncThrowingChannel/ThrowingChannel/g", "s/AsyncChannel/Channel/g",
    "s/import AsyncAlgorithms/import AsyncPipeline/",
  ]

  struct NoSuchPackage: Error {}

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let packages = context.package.dependencies.map(\.package)
    guard let package = packages.first(where: { $0.id == "swift-async-algorithms" }) else { throw NoSuchPackage() }
    let folder = package.directoryURL.appending(path: "Tests/AsyncAlgorithmsTests")
    return Self.files.map { file in
      let source = folder.appending(path: file)
      let output = context.pluginWorkDirectoryURL.appending(path: source.lastPathComponent)
      let commands = Self.exchanges + ["w \(output.path())"]
      return .buildCommand(
        displayName: "Exchanging names in \(file)",
        executable: URL(filePath: "/usr/bin/sed"),
        arguments: ["--quiet"] + commands.flatMap { ["--expression", $0] } + [source.path()],
        inputFiles: [source],
        outputFiles: [output])
    }
  }
}
