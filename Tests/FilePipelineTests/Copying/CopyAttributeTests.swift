import FilePipeline
import FileTestSupport
import Glibc
import TestTurns
import Testing

extension Trait where Self == ConditionTrait {
  fileprivate static var needsAllAttributes: Self {
    .enabled("needs root, rsync(1), setfattr(1), setfacl(1), and a file system with all attributes") {
      guard geteuid() == 0 else { return false }
      let tried = try await TemporaryDirectory(.disk).shell(
        """
        rsync --version >/dev/null && ln -s a link && setfattr -h -n trusted.a -v b link && mkfifo fifo \
          && setfacl -m u:1:r fifo && echo yes
        """)
      return tried == "yes\n"
    }
  }
}

/// Extended attributes and access control lists of all kinds of files, compared by rsync. Needs root, who can set them.
@Suite(.inTurn, .timeLimit(.minutes(5)), .needsAllAttributes)
struct CopyAttributeTests {
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory

  init() throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
  }

  private var out: FilePath { FilePath(target.string).appending("out") }

  private func copy(_ engine: any FileEngine, _ options: CopyOptions = CopyOptions()) async throws -> [String] {
    try await FilePipeline.files(under: FilePath(source.string), .copying, engine: .engine(engine))
      .copy(to: out, options: options).collect()
      .compactMap { result in
        let copied = try result.value
        return copied.action == .unchanged ? nil : "\(copied.action) \(result.file.pathBelowRoot)"
      }
  }

  private func differences() async throws -> String {
    try await target.shell("rsync -naHAXS --checksum --delete --itemize-changes '\(source.string)/' '\(out)/'")
  }

  private static let tree = """
    mkdir d && echo a > f && echo b > d/g && ln -s nowhere link && mkfifo fifo d/pipe && mknod device c 1 3
    for name in f d fifo device; do setfattr -n trusted.x -v "$name" $name; setfacl -m u:1234:r,m::rwx $name; done
    setfattr -h -n trusted.link -v value link; setfattr -n user.x -v y f; setfattr -n user.x -v y d
    setfattr -n security.other -v y d/pipe; chown -h 12:34 link fifo; chmod 640 d/pipe
    touch -h -d '2001-02-03 04:05:06.789' link fifo device
    """

  @Test(arguments: EngineUnderTest.allCases)
  func those_of_links_and_special_files_are_kept(_ kind: EngineUnderTest) async throws {
    #expect(try await source.shell(Self.tree) == "")
    try await withEngine(kind) { engine in
      _ = try await copy(engine)
      #expect(try await differences() == "")
      #expect(try await copy(engine) == [])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func changes_of_them_alone_are_noticed_and_others_removed(_ kind: EngineUnderTest) async throws {
    _ = try await source.shell(Self.tree)
    try await withEngine(kind) { engine in
      _ = try await copy(engine)
      let changes = """
        setfattr -n user.new -v 1 f; setfattr -x user.x f; setfattr -n trusted.x -v other fifo; setfacl -b device
        setfattr -h -x trusted.link link; setfattr -x user.x d; setfacl -d -m u:1:r d
        """
      _ = try await source.shell(changes)
      let dry = try await copy(engine, CopyOptions(isDryRun: true))
      let updates = ["updated d", "updated device", "updated f", "updated fifo", "updated link"]
      #expect(dry == updates)
      #expect(Set(try await copy(engine)) == Set(updates))
      #expect(try await differences() == "")
      #expect(try await copy(engine) == [])
    }
  }

  /// The default attributes of new files in a directory are read from the first one only, if there are none.
  @Test(
    arguments: EngineUnderTest.allCases,
    ["true", "chgrp 1234 out && chmod g+s out", "setfacl -d -m u:1234:rwx,g::r out", "setfacl -d -m m::r out"])
  func many_files_of_a_new_directory_get_what_their_sources_have(
    _ kind: EngineUnderTest, _ situation: String
  ) async throws {
    let make = """
      mkdir d d/e; for mode in 644 600 755 4755 2711 664 640 444; do
      for place in d d/e; do echo $mode > $place/$mode; chmod $mode $place/$mode; done; done
      for mode in 644 4755 664; do chown 1:2 d/$mode; chmod $mode d/$mode; done
      setfattr -n user.x -v 1 d/640; setfacl -m u:1:r d/664; touch -d @0 d/600
      """
    #expect(try await source.shell(make) == "")
    #expect(try await target.shell("mkdir out && \(situation)") == "")
    try await withEngine(kind) { engine in
      _ = try await copy(engine)
      #expect(try await differences() == "")
      #expect(try await copy(engine) == [])
    }
  }

  /// Directories of two roots become one, which has the first one's attributes before the second one's files arrive.
  @Test(arguments: EngineUnderTest.allCases)
  func files_of_a_directory_that_has_got_its_attributes_inherit_nothing(_ kind: EngineUnderTest) async throws {
    let make = """
      mkdir a b; for n in 1 2 3; do echo $n > a/a$n; echo $n > b/b$n; chmod 640 b/b$n; done; chmod 2755 b/b3
      chgrp 1234 a && chmod 2770 a && setfacl -d -m u:1:rw a
      """
    #expect(try await source.shell(make) == "")
    try await withEngine(kind) { engine in
      let roots = ["a", "b"].map { FilePath(source.string).appending($0) }
      let copies = FilePipeline.files(under: roots, .copying, engine: .engine(engine)).copy(to: out)
      for result in try await copies.collect() { _ = try result.value }
      let state = "stat -c '%n %a %u %g' b1 b2 b3; getfacl -c b1 b2 b3"
      #expect(try await target.shell("cd out && \(state)") == source.shell("cd b && \(state)"))
    }
  }

  /// Two files of the source that differ only in their modes, and one file in the target.
  @Test(arguments: EngineUnderTest.allCases)
  func names_of_one_file_in_the_target_are_parted(_ kind: EngineUnderTest) async throws {
    let make = "echo text > a; cp -p a b; chmod 600 b; touch -d 2001-02-03 a b"
    #expect(try await source.shell(make) == "")
    #expect(try await target.shell("mkdir out && cp -a '\(source.string)/a' out/a && ln out/a out/b") == "")
    try await withEngine(kind) { engine in
      let actions = try await copy(engine)
      #expect(actions.contains("written b"))
      #expect(try await differences() == "")
      #expect(try await copy(engine) == [])
    }
  }

  /// Attributes that are not copied stay, and are not compared.
  @Test func without_them_nothing_is_removed() async throws {
    _ = try await source.shell("echo a > f")
    try await withEngine(.threads) { engine in
      _ = try await copy(engine)
      _ = try await target.shell("setfattr -n user.own -v 1 out/f; setfattr -n security.other -v 1 out/f")
      _ = try await source.shell("touch -a f")
      _ = try await copy(engine, CopyOptions(keeps: [.permissions, .times]))
      #expect(try await target.shell("getfattr --only-values -n user.own out/f") == "1")
      _ = try await source.shell("chmod 600 f; chmod 644 f")
      #expect(try await copy(engine) == ["updated f"])
      #expect(try await target.shell("getfattr -d -m - out/f | grep =") == "security.other=\"1\"\n")
    }
  }

  /// The group bits are the list's mask, and would give the group more rights.
  @Test(arguments: EngineUnderTest.allCases)
  func a_file_that_loses_its_list_gives_its_group_no_more(_ kind: EngineUnderTest) async throws {
    _ = try await source.shell("echo a > f; chmod 640 f; setfacl -m u:1234:rw f; mkdir d; setfacl -m u:1:rwx,g::x d")
    try target.makeDirectory("out")
    let mounted = try await target.shell("mount -t ramfs ramfs out")
    if mounted != "" { try Test.cancel("no ramfs can be mounted: \(mounted)") }
    let outcome = await Task {
      try await withEngine(kind) { engine in
        _ = try await copy(engine)
        #expect(try await source.shell("stat -c '%a' f d") == "660\n775\n")
        #expect(try await target.shell("stat -c '%a' out/f out/d") == "640\n715\n")
        #expect(try await copy(engine) == [])
      }
    }.result
    #expect(try await target.shell("umount out") == "")
    try outcome.get()
  }
}

extension TemporaryDirectory {
  /// Runs a script in the directory and returns its output.
  fileprivate func shell(_ script: String) async throws -> String {
    let outcome = try await ChildProcess(["/bin/sh", "-c", script].map { Array($0.utf8) }, in: path).outcome()
    return String(decoding: outcome.output + outcome.errors, as: UTF8.self)
  }
}
