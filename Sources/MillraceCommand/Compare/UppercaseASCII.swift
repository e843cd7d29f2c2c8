import FilePipeline

/// The byte stage of the job `transform`: a to z become A to Z.
struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    output.append(input) { byte in byte >= 97 && byte <= 122 ? byte - 32 : byte }
  }

  mutating func finish(into output: inout ByteOutput) {}
}
