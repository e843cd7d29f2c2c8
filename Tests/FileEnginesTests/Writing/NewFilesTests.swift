import Glibc
import Testing

@testable import FileEngines

@Suite struct NewFilesTests {
  private static func made(
    _ mode: mode_t, user: uid_t = geteuid(), group: gid_t = getegid()
  ) -> stat {
    var status = stat()
    (status.st_mode, status.st_uid, status.st_gid) = (S_IFREG | mode, user, group)
    return status
  }

  @Test func nothing_is_known_before_a_file_has_shown_it() {
    #expect(NewFiles().status(0o644) == nil)
  }

  @Test func what_has_been_seen_is_known_of_the_next() throws {
    let files = NewFiles()
    files.learn(Self.made(0o644), 0o644, hasExtended: false)
    let status = try #require(files.status(0o600))
    #expect(status.st_mode == S_IFREG | 0o600)
    #expect(status.st_uid == geteuid() && status.st_gid == getegid())
    #expect(files.status(0) != nil)
    // Bits that no file has shown may be taken away.
    #expect(files.status(0o664) == nil)
    files.learn(Self.made(0o664), 0o664, hasExtended: false)
    #expect(files.status(0o664) != nil)
  }

  @Test func nothing_is_known_any_more_of_a_directory_that_gets_attributes() {
    let files = NewFiles()
    files.learn(Self.made(0o644), 0o644, hasExtended: false)
    files.end()
    #expect(files.status(0o644) == nil)
    files.learn(Self.made(0o644), 0o644, hasExtended: false)
    #expect(files.status(0o644) == nil)
  }

  @Test(arguments: ["umask", "group of the directory", "owner of the mount", "list"])
  func what_files_are_given_in_a_directory_is_asked_for_each(_ reason: String) {
    let files = NewFiles()
    switch reason {
    case "umask": files.learn(Self.made(0o600), 0o644, hasExtended: false)
    case "group of the directory": files.learn(Self.made(0o644, group: getegid() + 1), 0o644, hasExtended: false)
    case "owner of the mount": files.learn(Self.made(0o644, user: geteuid() + 1), 0o644, hasExtended: false)
    default: files.learn(Self.made(0o644), 0o644, hasExtended: true)
    }
    #expect(files.status(0o600) == nil)
  }
}
