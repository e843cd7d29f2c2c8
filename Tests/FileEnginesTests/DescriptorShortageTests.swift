import Dispatch
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

@Suite(.inTurn, .timeLimit(.minutes(1)))
struct DescriptorShortageTests {
  /// An open that waits for a daemon which never answers keeps its turn, and nobody waits for that for ever.
  @Test func an_open_that_hangs_holds_up_no_others() throws {
    let (hangs, told) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let ended = DispatchSemaphore(value: 0)
    try startThread(name: "hanging") {
      var attempts = 0
      _ = try? DescriptorShortage.makingRoom { () throws(Errno) in
        attempts += 1
        if attempts == 1 { throw .tooManyOpenFiles }
        hangs.signal()
        told.wait()
        return 3
      }
      ended.signal()
    }
    hangs.wait()
    #expect(throws: Errno.tooManyOpenFilesInSystem) {
      try DescriptorShortage.makingRoom { () throws(Errno) in throw .tooManyOpenFilesInSystem }
    }
    told.signal()
    ended.wait()
    // What one has got gives hope to the others.
    var attempts = 0
    let result = try DescriptorShortage.makingRoom { () throws(Errno) in
      attempts += 1
      if attempts < 3 { throw .tooManyOpenFilesInSystem }
      return 4
    }
    #expect(result == 4 && attempts == 3)
  }
}
