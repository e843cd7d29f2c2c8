import Foundation
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("linkat", "symlinkat"))
struct LinksTests {
  @Test func names_of_any_bytes_are_linked() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"), "text")
      try await withOpen(directory) { start in
        try await withLoop { loop in
          for name in hostileNames {
            let path = FilePath(root: nil, [name])
            try await loop.perform(.link("file", at: start, to: path, newDirectory: start))
            let status = try await loop.perform(.status(of: path, at: start))
            #expect(status.linkCount == 2)
            try await loop.perform(.unlink(path, at: start))
            // The contents of a symbolic link are bytes, too.
            try await loop.perform(.symbolicLink("symbolic", at: start, to: path))
            let says = [UInt8](readLink(directory.appending("symbolic")))
            #expect(says == path.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) })
            try await loop.perform(.unlink("symbolic", at: start))
          }
        }
      }
    }
  }

  @Test func link_to_a_symbolic_link_follows_it_or_not() async throws {
    try await withTemporaryDirectory { directory in
      let (file, symbolic) = (directory.appending("file"), directory.appending("symbolic"))
      try makeFile(file)
      try await withLoop { loop in
        try await loop.perform(.symbolicLink(symbolic, to: "file"))
        try await loop.perform(.link(symbolic, to: directory.appending("itself")))
        try await loop.perform(.link(symbolic, to: directory.appending("followed"), followSymbolicLink: true))
        #expect(try await loop.perform(.status(of: directory.appending("itself"))).kind == .symbolicLink)
        let followed = try await loop.perform(.status(of: directory.appending("followed")))
        #expect(followed.kind == .regular)
        #expect(followed.inode == (try await loop.perform(.status(of: file)).inode))
      }
    }
  }

  @Test func errors_are_those_of_the_calls() async throws {
    try await withTemporaryDirectory { directory in
      let (file, none) = (directory.appending("file"), directory.appending("none"))
      try makeFile(file)
      try await withLoop { loop in
        await #expect(throws: Errno.fileExists) { try await loop.perform(.link(file, to: file)) }
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.link(none, to: directory.appending("x")))
        }
        await #expect(throws: Errno.notPermitted) {
          try await loop.perform(.link(directory, to: directory.appending("x")))
        }
        await #expect(throws: Errno(rawValue: EXDEV)) { try await loop.perform(.link("/proc/version", to: none)) }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.link("x", at: unopenedDescriptor, to: none))
        }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.linkByDescriptor(unopenedDescriptor, to: none))
        }
        await #expect(throws: Errno.noSuchFileOrDirectory) {
          try await loop.perform(.link(unopenedDescriptor, to: none))
        }
        await #expect(throws: Errno.fileExists) { try await loop.perform(.symbolicLink(file, to: "anywhere")) }
        await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.symbolicLink(none, to: "")) }
        await #expect(throws: Errno.notDirectory) {
          try await loop.perform(.symbolicLink(file.appending("x"), to: "anywhere"))
        }
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.symbolicLink("x", at: unopenedDescriptor, to: "anywhere"))
        }
      }
    }
  }

  private func readLink(_ path: FilePath) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes {
      readlink(path.string, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return Array(bytes.prefix(count))
  }
}
