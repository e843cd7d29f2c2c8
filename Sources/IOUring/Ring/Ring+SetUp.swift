import CUring
import Glibc
import SystemPackage

extension Ring {
  /// Makes a ring with as many of the wanted flags as the kernel takes, ready for its first operation.
  static func create(_ configuration: Configuration) throws(RingRefusal) -> OpaquePointer {
    let handle: OpaquePointer
    do throws(Errno) {
      handle = try LockedMemory.waitingForRoom(for: configuration.leastMemory) { () throws(Errno) in
        try createWithAcceptedFlags(configuration)
      }
    } catch {
      throw RingRefusal(error, of: .setUp)
    }
    do throws(Errno) {
      try finishSetUp(handle, configuration)
    } catch {
      curing_destroy(handle)
      throw RingRefusal(error, of: .register)
    }
    return handle
  }

  private static func createWithAcceptedFlags(_ configuration: Configuration) throws(Errno) -> OpaquePointer {
    let wanted = configuration.flags.consistent
    do throws(Errno) {
      return try create(configuration, wanted)
    } catch {
      // The kernel does not know one of the flags. Trials find out which.
      guard error == .invalidArgument else { throw error }
      return try create(configuration, wanted.intersection(acceptedFlags).consistent)
    }
  }

  private static func create(_ configuration: Configuration, _ flags: SetupFlags) throws(Errno) -> OpaquePointer {
    var flags = flags.rawValue | UInt32(CURING_SETUP_CQSIZE) | UInt32(CURING_SETUP_CLAMP)
    if configuration.sharedWorkers != nil { flags |= UInt32(CURING_SETUP_ATTACH_WQ) }
    if configuration.restrictions != nil { flags |= UInt32(CURING_SETUP_R_DISABLED) }
    let completions = max(2 * configuration.possibleOperations + configuration.messages, configuration.submissions)
    let idle = configuration.pollingIdle.components
    var made: OpaquePointer?
    let result = curing_create(
      &made, configuration.submissions, completions, flags, configuration.sharedWorkers ?? 0,
      UInt32(clamping: idle.seconds * 1000 + idle.attoseconds / 1_000_000_000_000_000))
    guard let made else { throw Errno(rawValue: -result) }
    return made
  }

  /// The flags of ``SetupFlags`` that this kernel takes, each tried together with the flag that it requires.
  static let acceptedFlags: SetupFlags = {
    let trials: [(flag: SetupFlags, with: SetupFlags)] = [
      (.submissionPolling, []), (.submitAll, []), (.cooperativeTaskRun, []), (.taskRunFlag, .cooperativeTaskRun),
      (.singleIssuer, []), (.deferredTaskRun, .singleIssuer),
    ]
    var accepted = SetupFlags()
    for trial in trials {
      let smallest = Configuration(submissions: 1, operations: 1)
      guard let made = try? create(smallest, trial.flag.union(trial.with)) else { continue }
      curing_destroy(made)
      accepted.formUnion(trial.flag)
    }
    return accepted
  }()

  /// A ring with restrictions is disabled until they are in force.
  private static func finishSetUp(_ handle: OpaquePointer, _ configuration: Configuration) throws(Errno) {
    if let limits = configuration.workerLimits {
      let result = curing_limit_workers(handle, limits.bounded, limits.unbounded)
      // A kernel without such limits (before Linux 5.15) applies its own.
      if result != -EINVAL { _ = try check(result) }
    }
    if configuration.fileTable > 0 { _ = try check(curing_register_files(handle, configuration.fileTable)) }
    if let restrictions = configuration.restrictions {
      // A ring that is destroyed cancels what is in flight.
      let opcodes = restrictions.operations.union([.cancel]).map(\.rawValue).sorted()
      _ = try check(
        curing_restrict(
          handle, opcodes, UInt32(opcodes.count), restrictions.entryFlags, restrictions.allowsRegistration))
      _ = try check(curing_enable(handle))
    }
  }
}
