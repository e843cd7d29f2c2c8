import IOUring
import SystemPackage

extension UringEngine {
  static func make(_ configuration: FileEngineConfiguration) throws(FileEngineUnavailable) -> any FileEngine {
    do throws(RingRefusal) {
      return try UringEngine(configuration)
    } catch {
      throw FileEngineUnavailable(kind: .uring, errno: error.errno, description: explain(error))
    }
  }

  /// With so many bytes left it is not for want of address space that there is no memory for a ring: as much as it
  /// takes with the usual configuration on four cores, and the rest of its engine.
  private static let ampleAddressSpace = 128 << 20

  private static func explain(_ refusal: RingRefusal) -> String {
    switch refusal.errno {
    case _ where refusal.call == .thread: ThreadShortage.advice
    case .noMemory where AddressSpace.free < ampleAddressSpace: AddressSpace.advice ?? refusal.sentence
    default: refusal.sentence
    }
  }

  /// Makes the smallest engine and ends it.
  ///
  /// - Throws: what ``init(_:)`` throws.
  static func tryOut() throws(RingRefusal) {
    let engine = try UringEngine(FileEngineConfiguration(loops: 1, depth: 1))
    for loop in engine.loops { loop.endUnused() }
  }
}

extension FileEngineKind {
  /// Why there is no io_uring here; nil if there is. Found out as it is for an engine, by making a small one: each call
  /// that reading takes is made. A larger engine may find no room for its rings all the same. Blocks for a moment.
  public static var uringRefusal: RingRefusal? {
    do throws(RingRefusal) {
      try UringEngine.tryOut()
      return nil
    } catch {
      return error
    }
  }
}
