import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("openat2"))
struct OpenResolvingTests {
  @Test func file_beneath_is_opened_with_every_flag() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"), "beneath")
      try await withOpen(directory) { start in
        try await withLoop { loop in
          for flags: ResolveFlags in [[], .beneath, .inRoot, .noMagicLinks, .noSymbolicLinks, .noCrossDevice] {
            let file = try await loop.perform(.open("file", at: start, resolving: flags))
            let buffer = IOBuffer(capacity: 16)
            let count = try await loop.perform(.read(file, into: buffer, at: 0))
            #expect(buffer.text(count) == "beneath")
            #expect(fcntl(file.rawValue, F_GETFD) == FD_CLOEXEC)
            try await loop.perform(.close(file))
          }
        }
      }
    }
  }

  @Test func names_of_any_bytes_are_created_with_their_permissions() async throws {
    try await withTemporaryDirectory { directory in
      try await withOpen(directory) { start in
        try await withLoop { loop in
          for name in hostileNames {
            let path = FilePath(root: nil, [name])
            let file = try await loop.perform(
              .open(
                path, at: start, .writeOnly, options: [.create, .exclusiveCreate],
                permissions: [.ownerRead, .ownerWrite],
                resolving: .beneath))
            try await loop.perform(.close(file))
            #expect(try await loop.perform(.status(of: path, at: start)).permissions == [.ownerRead, .ownerWrite])
          }
        }
      }
    }
  }

  @Test func beneath_refuses_every_way_out() async throws {
    try await withTemporaryDirectory { directory in
      let inside = directory.appending("inside")
      try makeFile(directory.appending("outside"))
      _ = mkdir(inside.string, 0o700)
      _ = symlink("../outside", inside.appending("relative").string)
      _ = symlink("/etc/passwd", inside.appending("absolute").string)
      try await withOpen(inside) { start in
        try await withLoop { loop in
          for path: FilePath in ["../outside", "/etc/passwd", "relative", "absolute", "../inside/../outside"] {
            await #expect(throws: Errno(rawValue: EXDEV), "\(path)") {
              try await loop.perform(.open(path, at: start, resolving: .beneath))
            }
          }
          // With the directory as the root the links lead to no file.
          await #expect(throws: Errno.noSuchFileOrDirectory) {
            try await loop.perform(.open("absolute", at: start, resolving: .inRoot))
          }
        }
      }
    }
  }

  @Test func links_are_refused_where_they_are_not_wanted() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"))
      _ = symlink("file", directory.appending("link").string)
      try await withOpen(directory) { start in
        try await withLoop { loop in
          let tooManyLevels = Errno(rawValue: ELOOP)
          await #expect(throws: tooManyLevels) {
            try await loop.perform(.open("link", at: start, resolving: .noSymbolicLinks))
          }
          let magic = FilePath("/proc/self/fd/\(start.rawValue)/file")
          await #expect(throws: tooManyLevels) { try await loop.perform(.open(magic, resolving: .noMagicLinks)) }
          try await loop.perform(.close(try await loop.perform(.open("link", at: start, resolving: .noMagicLinks))))
          try await loop.perform(.close(try await loop.perform(.open(magic, resolving: []))))
        }
      }
    }
  }

  @Test func another_file_system_is_refused_where_it_is_not_wanted() async throws {
    try await withLoop { loop in
      await #expect(throws: Errno(rawValue: EXDEV)) {
        try await loop.perform(.open("/proc/self/status", resolving: .noCrossDevice))
      }
    }
  }

  @Test func cached_opens_only_what_is_in_the_cache() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"))
      try await withOpen(directory) { start in
        try await withLoop { loop in
          try await loop.perform(.close(try await loop.perform(.open("file", at: start, resolving: .cached))))
          // This name has not been looked up yet, so the cache does not know that it is free.
          await #expect(throws: Errno.resourceTemporarilyUnavailable) {
            try await loop.perform(.open("never seen", at: start, resolving: .cached))
          }
        }
      }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"))
      try await withLoop { loop in
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.open(directory.appending("none"), resolving: .noSymbolicLinks))
        }
        await #expect(throws: Errno.fileExists) {
          try await loop.perform(
            .open(
              directory.appending("file"), options: [.create, .exclusiveCreate], resolving: .noSymbolicLinks))
        }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.open("file", at: unopenedDescriptor, resolving: .beneath))
        }
        await #expect(throws: Errno.invalidArgument) {
          try await loop.perform(.open(directory, resolving: ResolveFlags(rawValue: 1 << 63)))
        }
      }
    }
  }

  @Test func unnamed_file_has_the_permissions_that_were_asked_for() async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        // O_TMPFILE, which Swift's C library overlay lacks.
        let unnamed = FileDescriptor.OpenOptions(rawValue: 0o20_000_000 | O_DIRECTORY)
        do throws(Errno) {
          let file = try await loop.perform(
            .open(
              directory, .readWrite, options: unnamed, permissions: .ownerReadWrite, resolving: .noSymbolicLinks))
          #expect(try await loop.perform(.status(of: file)).permissions == .ownerReadWrite)
          try await loop.perform(.close(file))
        } catch {
          #expect(error == .notSupported || error == .isDirectory)
        }
      }
    }
  }
}
