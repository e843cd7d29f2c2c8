import FilePipeline
import FileStages
import Generators
import Glibc
import SystemPackage

/// The job as one writes it by hand: one thread, one buffer, one file after another.
struct PlainLoop {
  let job: Job

  /// As large as the engines' buffers.
  private static let bufferSize = FileEngineConfiguration.defaultBufferSize

  func run(_ paths: [String]) throws -> Tally {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 4096)
    defer { buffer.deallocate() }
    var tally = Tally()
    for path in paths {
      try PlainWalk.files(under: path) { directory, name in
        let file = openat(directory, name, O_RDONLY | O_CLOEXEC)
        if file < 0 { throw TreeError.call("open", path: String(cString: name), Errno(rawValue: errno)) }
        defer { close(file) }
        switch job {
        case .read: tally.add(bytes: try read(file, name, buffer) { _ in })
        case .hash:
          var reducer = DigestReducer(.sha256)
          let bytes = try read(file, name, buffer) { reducer.update(RawSpan(_unsafeBytes: $0)) }
          tally.add(bytes: bytes, reducer.finish())
        case .copy: throw CannotMeasure("a plain loop copies nothing")
        }
      }
    }
    return tally
  }

  /// Reads to the end: up to the call that gives nothing, as a program must that does not know the size.
  private func read(
    _ file: Int32, _ name: UnsafePointer<CChar>, _ buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws -> Int64 {
    var offset = 0
    while true {
      let count = pread(file, buffer.baseAddress, buffer.count, offset)
      if count < 0 { throw TreeError.call("read", path: String(cString: name), Errno(rawValue: errno)) }
      if count == 0 { return Int64(offset) }
      body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += count
    }
  }
}
