import ArgumentParser
import FilePipeline

/// The job of `compare`.
enum CompareJob: String, CaseIterable, ExpressibleByArgument {
  case read, hash, count
  /// The job of `millrace copy`.
  case copy
  /// Writes each file in upper case into another tree, under its name.
  case transform

  /// Whether it writes a tree.
  var writes: Bool { self == .copy || self == .transform }
}

/// The byte stage of the job `transform`: a to z become A to Z.
struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    output.append(input) { byte in byte >= 97 && byte <= 122 ? byte - 32 : byte }
  }

  mutating func finish(into output: inout ByteOutput) {}
}
