import FilePipeline
import Glibc
import IOUring
import SystemPackage

/// What a machine offers io_uring, and what to change.
struct DoctorReport: Encodable {
  let type = "summary"
  let kernel: String
  let processors: Int
  let isUsable: Bool
  /// Why io_uring cannot be used, and what to do about it.
  let refusal: String?
  /// `kernel.io_uring_disabled`; nil where there is no such setting.
  let disabledSetting: Int?
  /// Nil if io_uring cannot be used.
  let opcodeCount: Int?
  let missingOpcodes: [String]
  let features: [String]
  let setupFlags: [String]
  /// Whether a ring can be restricted to a list of operations.
  let canBeHardened: Bool
  let lockedMemoryLimit: ResourceLimit
  let descriptorLimit: ResourceLimit
  /// The engine that `auto` selects; nil if it is not available.
  let chosenEngine: String?
  /// The value of `MILLRACE_ENGINE` if it names an engine; `invalid` if it names none.
  let engineVariable: String?
  /// What that engine takes.
  let enginePlan: String?
  /// How files are read in the working directory; nil if it cannot be opened.
  let reading: String?
  /// How small files are written and copied into the working directory; nil if it cannot be opened.
  let writing: WritePath?
  let copying: WritePath?
  let advice: [String]

  /// How small files are written, and why.
  struct WritePath: Encodable {
    let way: String
    let reason: String

    init?(attributes: Bool) {
      guard let way = try? WritingWay(into: DoctorReport.workingDirectory, attributes: attributes) else {
        return nil
      }
      (self.way, reason) = (way.isThroughRing ? "ring" : "calls", way.reason)
    }
  }

  /// `RLIMIT_MEMLOCK`, which Swift's overlay of the C library lacks.
  private static let lockedMemory = __rlimit_resource_t(8)

  init() async {
    var name = utsname()
    uname(&name)
    kernel = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    disabledSetting = RingRefusal.disabledSetting
    lockedMemoryLimit = ResourceLimit(Self.lockedMemory)
    descriptorLimit = ResourceLimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue))
    refusal = await Self.refusal()
    isUsable = refusal == nil
    let capabilities = isUsable ? try? Ring().capabilities() : nil
    opcodeCount = capabilities?.opcodeCount
    missingOpcodes = capabilities?.opcodes.filter { !$0.isSupported }.map(\.name) ?? []
    features = capabilities?.features ?? []
    setupFlags = capabilities?.flags.names ?? []
    canBeHardened = isUsable && Self.canBeHardened
    let choice = Self.choice(ringIsUsable: isUsable)
    (chosenEngine, engineVariable) = (choice.engine?.rawValue, choice.variable)
    enginePlan = await Self.plan(of: choice.engine)
    reading = isUsable ? (try? ReadingWay(of: Self.workingDirectory)).map { "\($0)" } : nil
    (writing, copying) = isUsable ? (WritePath(attributes: false), WritePath(attributes: true)) : (nil, nil)
    advice =
      choice.advice
      + Self.advice(
        refusal: refusal, missing: missingOpcodes, flags: capabilities?.flags, descriptors: descriptorLimit,
        lockedMemory: lockedMemoryLimit)
  }

  private static var workingDirectory: FileReference { FileReference(path: Array(".".utf8)) }

  /// The plan of an engine as a run would make it; nil if it cannot be made.
  private static func plan(of kind: FileEngineKind?) async -> String? {
    guard let engine = try? kind?.makeEngine() else { return nil }
    let plan = "\(engine.plan)"
    await engine.shutDown()
    return plan
  }

  /// Why the engine of a run cannot use io_uring; nil if it can.
  private static func refusal() async -> String? {
    do throws(FileEngineUnavailable) {
      await (try FileEngineKind.uring.makeEngine()).shutDown()
      return nil
    } catch {
      return error.description
    }
  }

  /// The engine that `auto` selects, the environment variable, and advice about it.
  private static func choice(
    ringIsUsable: Bool
  ) -> (engine: FileEngineKind?, variable: String?, advice: [String]) {
    do throws(EngineVariable.NamesNoEngine) {
      switch try EngineVariable.choice {
      case .auto: return (ringIsUsable ? .uring : .threads, nil, [])
      case .engine(.uring) where !ringIsUsable:
        let advice = "\(EngineVariable.name) asks for uring, which cannot be used here: unset it, or set it to auto."
        return (nil, FileEngineKind.uring.rawValue, [advice])
      case .engine(let kind): return (kind, kind.rawValue, [])
      }
    } catch {
      return (nil, "invalid", [error.message])
    }
  }

  private static var canBeHardened: Bool {
    (try? Ring(Ring.Configuration(restrictions: Ring.Restrictions(operations: [.read])))) != nil
  }

  private static func advice(
    refusal: String?, missing: [String], flags: Ring.SetupFlags?, descriptors: ResourceLimit,
    lockedMemory: ResourceLimit
  ) -> [String] {
    var advice: [String] = []
    if let refusal { advice.append(refusal) }
    if !missing.isEmpty {
      advice.append("The kernel lacks \(missing.joined(separator: ", ")): a newer one has them.")
    }
    if let flags, !flags.contains(.deferredTaskRun) {
      advice.append(
        "From Linux 6.1 on a ring interrupts its thread less (DEFER_TASKRUN); this kernel does not have it.")
    }
    if descriptors.soft < 1024 {
      advice.append(
        "Only \(descriptors) files may be open at once, so fewer are read at once. Raise the limit: ulimit -n 4096.")
    }
    if geteuid() != 0 && lockedMemory.soft < 8 << 20 {
      advice.append(
        "Some kernels count the rings of all of a user's programs against the limit on locked memory, which is "
          + "\(lockedMemory) bytes here: rings that find no room are refused. Raise the limit (ulimit -l).")
    }
    return advice
  }
}

/// A limit of getrlimit(2).
struct ResourceLimit: Encodable, CustomStringConvertible {
  let soft: UInt64
  let hard: UInt64

  init(_ resource: __rlimit_resource_t) {
    var limit = rlimit()
    getrlimit(resource, &limit)
    (soft, hard) = (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
  }

  var description: String { Self.text(soft) }

  static func text(_ value: UInt64) -> String {
    // RLIM_INFINITY, which is not imported.
    value == .max ? "unlimited" : Figures.grouped(Int(clamping: value))
  }
}

extension Ring.SetupFlags {
  fileprivate var names: [String] {
    let all: [(Self, String)] = [
      (.singleIssuer, "single_issuer"), (.deferredTaskRun, "defer_taskrun"), (.cooperativeTaskRun, "coop_taskrun"),
      (.taskRunFlag, "taskrun_flag"), (.submitAll, "submit_all"), (.submissionPolling, "sqpoll"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}
