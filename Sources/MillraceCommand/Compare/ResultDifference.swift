import FilePipeline

/// Where two engines came to different results.
struct ResultDifference: Sendable, Equatable {
  enum Place: Sendable, Equatable {
    /// The first file whose result is another, or that is another file.
    case at([UInt8])
    /// The first of the files that the reference did not have after its last one.
    case extra([UInt8])
    /// The last file, if there is one: the reference had more.
    case missing(after: [UInt8]?)
  }

  let place: Place
  let engine: FileEngineKind
  /// The engine that came first.
  let reference: FileEngineKind

  var path: [UInt8]? {
    switch place {
    case .at(let path), .extra(let path): path
    case .missing(let path): path
    }
  }

  var message: String {
    switch place {
    case .at: "the \(engine) engine's result is not that of the \(reference) engine"
    case .extra: "the \(engine) engine found this file, the \(reference) engine did not"
    case .missing(nil): "the \(engine) engine found no file, the \(reference) engine did"
    case .missing: "the \(engine) engine found no file after this one, the \(reference) engine did"
    }
  }
}
