import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("mkdirat", "unlinkat", "renameat"))
struct NamesTests {
  @Test func names_of_any_bytes_are_made_renamed_and_removed() async throws {
    try await withTemporaryDirectory { directory in
      try await withOpen(directory) { start in
        try await withLoop { loop in
          for name in hostileNames {
            let path = FilePath(root: nil, [name])
            try await loop.perform(.makeDirectory(path, at: start))
            try await loop.perform(.rename(path, at: start, to: "plain", newDirectory: start))
            #expect(try await loop.perform(.status(of: "plain", at: start)).kind == .directory)
            try await loop.perform(.rename("plain", at: start, to: path, newDirectory: start))
            try await loop.perform(.removeDirectory(path, at: start))
            try makeFile(directory.appending(name))
            try await loop.perform(.unlink(path, at: start))
            await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.status(of: path, at: start)) }
          }
        }
      }
    }
  }

  @Test func new_directory_has_the_permissions_that_were_asked_for() async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        try await loop.perform(.makeDirectory(directory.appending("private"), permissions: .ownerReadWriteExecute))
        let status = try await loop.perform(.status(of: directory.appending("private")))
        #expect(status.permissions == .ownerReadWriteExecute)
      }
    }
  }

  @Test func rename_replaces_exchanges_or_refuses() async throws {
    try await withTemporaryDirectory { directory in
      let (one, two) = (directory.appending("one"), directory.appending("two"))
      try makeFile(one, "1")
      try makeFile(two, "2")
      try await withLoop { loop in
        await #expect(throws: Errno.fileExists) { try await loop.perform(.rename(one, to: two, options: .noReplace)) }
        try await loop.perform(.rename(one, to: two, options: .exchange))
        #expect(try contents(one) + contents(two) == "21")
        try await loop.perform(.rename(one, to: two))
        #expect(try contents(two) == "2")
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.rename(two, to: one, options: .exchange))
        }
        try await loop.perform(.rename(two, to: one, options: .noReplace))
        #expect(try contents(one) == "2")
        await #expect(throws: Errno.invalidArgument) {
          try await loop.perform(.rename(one, to: two, options: [.exchange, .noReplace]))
        }
      }
    }
  }

  @Test func rename_takes_its_two_directories_for_what_they_are() async throws {
    try await withTemporaryDirectory { directory in
      let (left, right) = (directory.appending("left"), directory.appending("right"))
      try await withLoop { loop in
        try await loop.perform(.makeDirectory(left))
        try await loop.perform(.makeDirectory(right))
        try makeFile(left.appending("file"), "text")
        try await withOpen(left) { leftStart in
          try await withOpen(right) { rightStart in
            try await loop.perform(.rename("file", at: leftStart, to: "moved", newDirectory: rightStart))
          }
        }
        #expect(try contents(right.appending("moved")) == "text")
        await #expect(throws: Errno.invalidArgument) {
          try await loop.perform(.rename(left, to: left.appending("inside")))
        }
        await #expect(throws: Errno.directoryNotEmpty) { try await loop.perform(.rename(left, to: right)) }
        await #expect(throws: Errno.isDirectory) { try await loop.perform(.rename(right.appending("moved"), to: left)) }
      }
    }
  }

  @Test func errors_are_those_of_the_calls() async throws {
    try await withTemporaryDirectory { directory in
      let (file, none) = (directory.appending("file"), directory.appending("none"))
      try makeFile(file)
      let tooLong = directory.appending(String(repeating: "x", count: 256))
      try await withLoop { loop in
        await #expect(throws: Errno.fileExists) { try await loop.perform(.makeDirectory(file)) }
        await #expect(throws: Errno.notDirectory) { try await loop.perform(.makeDirectory(file.appending("inside"))) }
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.makeDirectory(none.appending("inside")))
        }
        await #expect(throws: Errno.fileNameTooLong) { try await loop.perform(.makeDirectory(tooLong)) }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.makeDirectory("x", at: unopenedDescriptor))
        }
        await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.unlink(none)) }
        await #expect(throws: Errno.isDirectory) { try await loop.perform(.unlink(directory)) }
        await #expect(throws: Errno.notDirectory) { try await loop.perform(.removeDirectory(file)) }
        await #expect(throws: Errno.directoryNotEmpty) { try await loop.perform(.removeDirectory(directory)) }
        await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.unlink("x", at: unopenedDescriptor)) }
        await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.rename(none, to: file)) }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.rename(file, to: "x", newDirectory: unopenedDescriptor))
        }
        await #expect(throws: Errno(rawValue: EXDEV)) { try await loop.perform(.rename(file, to: "/proc/self/x")) }
      }
    }
  }
}
