import ArgumentParser
import FilePipeline

extension CopyOptions.Overwriting: ExpressibleByArgument {}

struct CopyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "Copy files and directories with all that belongs to them, as cp -a does.",
    discussion: """
      Regular files, directories, symbolic links as links, FIFOs, sockets and devices; with permissions, times, \
      owners, extended attributes, access control lists, hard links and holes. Owners and devices need root. A file is \
      complete under its name or absent. What is the same already is left alone, so that a copy that was interrupted \
      goes on where it was; nothing is deleted. Where root is refused an owner or another attribute (vfat, NFS) the \
      file is copied without, which costs one line and exit status 1.

      Names are as with cp -a: into a TARGET that is a directory SOURCE is copied as TARGET/NAME; a single SOURCE \
      becomes TARGET if there is no such directory. The contents of a directory given as SOURCE/ or SOURCE/. are \
      copied into TARGET itself. A SOURCE that is a symbolic link is followed; links in directories are not.
      """)

  /// Directories are not synchronized.
  enum FileDurability: String, CaseIterable, ExpressibleByArgument {
    case none, batch, file

    var durability: Durability {
      switch self {
      case .none: .none
      case .batch: .batch
      case .file: .file
      }
    }
  }

  @Argument(help: ArgumentHelp("What to copy, and last where to.", valueName: "source> … <target"))
  var paths: [ArgumentBytes]

  @Flag(help: "Write nothing, and print what would be written; with --json the lines that a run would print.")
  var dryRun = false

  @Option(
    help: """
      What becomes of a file that is there: if-changed replaces one whose size or time of last change, to the \
      nanosecond, is another. Extended attributes are compared where something of the source has changed since.
      """)
  var overwrite: CopyOptions.Overwriting = .ifChanged

  @Option(
    help: """
      Whether the contents of a file are on the disk before it has its name: with file each is synchronised by itself \
      (fsync); with batch many are by one call (syncfs), and further ones are written meanwhile.
      """)
  var durability: FileDurability = .none

  @Option(
    help: """
      Write the SHA-256 checksums of what was read of SOURCE to this file, under the names of the copies. Each regular \
      file has a line, those that are left alone too (they are read for it), but those that --overwrite never leaves.
      """)
  var manifest: ArgumentBytes?

  @Flag(
    help: """
      Read the files under TARGET again, from the disk and not from the page cache, and compare them with what was \
      read of SOURCE: those that are left alone too (both are read then), but those that --overwrite never leaves. A \
      copy that differs is a failed file; it stays where it is.
      """)
  var verify = false

  @Option(help: "Write small files through the ring, by calls, or as was measured to be faster. For measuring.")
  var writes: FileEngineConfiguration.Writes = .auto

  @OptionGroup var engine: EngineOptions
  @OptionGroup var tuning: EngineTuningOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if paths.count < 2 { throw ValidationError("Name what to copy, and where to.") }
    if verify && dryRun { throw ValidationError("--verify and --dry-run exclude each other.") }
    if manifest != nil && dryRun { throw ValidationError("--manifest and --dry-run exclude each other.") }
  }

  func run() async throws {
    let layout = try CopyLayout(sources: paths.dropLast().map(\.bytes), target: paths[paths.count - 1].bytes)
    if let manifest { try layout.check(manifest: manifest.bytes) }
    let options = CopyOptions(
      overwriting: overwrite, durability: durability.durability, isDryRun: dryRun,
      readsUnchanged: manifest != nil || verify)
    let source = try engine.source(tuning, writes: writes)
    var run = CopyRun(layout: layout, options: options, engine: source, output: output)
    run.manifest = manifest?.bytes
    run.verifier = verify ? try engine.source(tuning, pageCache: .bypass) : nil
    try await run.run()
  }
}
