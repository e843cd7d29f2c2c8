import LinuxSystem
import SystemPackage
import Testing

@testable import FileEngines

/// Which file systems are trusted to answer at once and to tell the truth, by name and by number.
struct FileSystemKindTests {
  @Test(
    arguments: [
      ("ext4", 0xef53, .local), ("xfs", 0x5846_5342, .local), ("btrfs", 0x9123_683e, .local), ("proc", 0x9fa0, .local),
      ("zfs", 0x2fc1_2fc1, .ownCache),
      // Mounted on every machine.
      ("devpts", 0x1cd1, .local), ("nfsd", 0x6e66_7364, .local), ("rootfs", 0x8584_58f6, .memory),
      ("mqueue", 0x1980_0202, .local), ("autofs", 0x0187, .local),
      ("tmpfs", 0x0102_1994, .memory), ("overlay", 0x794c_7630, .layers), ("ramfs", 0x8584_58f6, .memory),
      ("nfs4", 0x6969, .server), ("cifs", 0xff53_4d42, .server), ("smb3", 0xfe53_4d42, .server),
      ("ceph", 0x00c3_6400, .server),
      ("fuse", 0x6573_5546, .daemon), ("fuse.sshfs", 0x6573_5546, .daemon), ("fuseblk", 0x6573_5546, .daemon),
      ("virtiofs", 0x6573_5546, .daemon), ("9p", 0x0102_1997, .daemon), ("never heard of", 0x1234_5678, .daemon),
    ] as [(String, UInt64, FileSystemKind)])
  func name_and_number_say_the_same(_ name: String, _ type: UInt64, _ kind: FileSystemKind) {
    #expect(FileSystemKind(name: name) == kind)
    #expect(FileSystemKind(type: type) == kind)
  }

  @Test func what_cannot_be_asked_is_not_trusted() {
    #expect(FileSystemKind(type: nil) == .daemon)
  }

  @Test(
    arguments: [
      (.local, [.sizesAreTrue, .countsCachedPages]),
      (.ownCache, [.sizesAreTrue]),
      (.memory, [.sizesAreTrue, .plainReadsSeldomWait]),
      (.layers, [.plainReadsSeldomWait, .mayHideDaemons, .closingReports]),
      (.server, [.callsMayWait, .sizesAreTrue, .readsBlockSubmission, .closingReports]),
      (.daemon, [.callsMayWait, .isReadByCalls, .closingReports]),
    ] as [(FileSystemKind, Set<Property>)])
  func kind_decides_how_files_are_read_and_written(_ kind: FileSystemKind, _ properties: Set<Property>) {
    for property in Property.allCases {
      let value =
        switch property {
        case .callsMayWait: kind.callsMayWait
        case .isReadByCalls: kind.isReadByCalls
        case .sizesAreTrue: kind.sizesAreTrue
        case .mayHideDaemons: kind.mayHideDaemons
        case .readsBlockSubmission: kind.readsBlockSubmission
        case .plainReadsSeldomWait: kind.plainReadsSeldomWait
        case .closingReports: kind.closingReports
        case .countsCachedPages: kind.countsCachedPages
        }
      #expect(value == properties.contains(property), "\(property)")
    }
  }

  enum Property: CaseIterable, Sendable {
    case callsMayWait, isReadByCalls, sizesAreTrue, mayHideDaemons, plainReadsSeldomWait, readsBlockSubmission,
      closingReports, countsCachedPages
  }

  @Test func mount_table_is_read_by_mount() {
    let text = """
      36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
      40 35 0:52 / /a\\040b rw,relatime shared:1 master:2 - fuse.sshfs host:/ rw,user_id=0
      41 35 0:53 / /n rw - nfs4 server:/ rw
      42 35 259:300 / /big rw unbindable - tmpfs - rw
      truncated 1 2
      nonsense 35 8:2 / /x rw - xfs /dev/x rw
      44 35 8:1 / /y rw - 
      45 35 0:60 / /joined\u{600} rw\u{301} - fuse.x x rw\r
      46 35 8:4 / /z rw - xfs /dev/z rw

      """
    var table = MountTable()
    table.take(text.utf8)
    let expected: [(UInt64, FileSystemKind?)] = [
      (36, .local), (40, .daemon), (41, .server), (42, .memory), (44, nil), (35, nil),
      // Characters that include what separates fields and lines.
      (45, .daemon), (46, .local),
    ]
    for (mount, kind) in expected { #expect(table.kind(of: mount) == kind, "\(mount)") }
    #expect(table.isAnySlow)
    table.take(text.split(separator: "\n")[0].utf8)
    #expect(table.kind(of: 36) == .local && table.kind(of: 40) == nil && !table.isAnySlow)
  }

  /// As far as the layers' paths lead to what they are on.
  @Test(
    arguments: [
      ("lowerdir=/quick,upperdir=/home/u,workdir=/home/w", .layers),
      ("lowerdir=/slow", .daemon), ("lowerdir=/slow/a/b", .daemon), ("lowerdir=/slower", .layers),
      ("lowerdir=/quick/a:/slow/b", .daemon), ("lowerdir=/quick,upperdir=/served/u,workdir=/served/w", .daemon),
      ("lowerdir+=/quick,lowerdir+=/slow/b", .daemon), ("lowerdir=/quick::/slow/data", .daemon),
      // Something else is mounted there.
      ("lowerdir=/slow/disk/a", .layers),
      ("lowerdir=/a\\040b/c", .daemon), ("lowerdir=/over/a", .daemon), ("lowerdir=/over/under", .daemon),
      // No telling what that leads to.
      ("lowerdir=slow", .layers), ("redirect_dir=/slow", .layers), ("lowerdir=", .layers), ("rw", .layers),
    ] as [(String, FileSystemKind)])
  func overlay_is_treated_as_the_slowest_of_its_layers(_ options: String, _ kind: FileSystemKind) {
    let text = """
      1 0 8:1 / / rw - ext4 /dev/a rw
      2 1 0:52 / /slow rw - fuse.sshfs host:/ rw
      3 1 8:3 / /slow/disk rw - xfs /dev/b rw
      4 1 0:53 / /served rw - nfs server:/ rw
      5 1 0:54 / /a\\040b rw - fuse.x x rw
      6 1 0:55 / /over rw - overlay overlay rw,lowerdir=/slow,upperdir=/u
      7 1 0:56 / /merged rw - overlay overlay rw,\(options)
      8 6 0:57 / /over/under rw - overlay overlay rw,lowerdir=/over
      """
    var table = MountTable()
    table.take(text.utf8)
    // The second answer is remembered.
    for _ in 0..<2 { #expect(table.kind(of: 7) == kind) }
  }

  @Test func kernel_says_what_is_mounted_here() throws {
    let descriptor = try FileDescriptor.open("/proc/self", .readOnly)
    defer { try? descriptor.close() }
    let found = try #require(identify(descriptor.rawValue))
    #expect(FileSystems.kind(ofMount: found.mount) == .local)
    #expect(FileSystems.kind(of: descriptor, found) == .local)
    #expect(FileSystems.kind(of: descriptor, nil) == .local)
    // No mount has these numbers.
    #expect(FileSystems.kind(ofMount: .max) == nil)
    #expect(FileSystems.kind(ofMount: 0) == nil)
  }
}
