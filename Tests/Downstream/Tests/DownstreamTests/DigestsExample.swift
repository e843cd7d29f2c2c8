import FilePipeline
import FileStages

struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    input.withUnsafeBytes { bytes in
      for byte in bytes { output.append(byte >= 97 && byte <= 122 ? byte - 32 : byte) }
    }
  }
  mutating func finish(into output: inout ByteOutput) {}
}

func printDigests() async throws {
  let report =
    try await FilePipeline
    .files(under: "SampleData", engine: .auto)
    .transform { UppercaseASCII() }
    .reduce { DigestReducer(.sha256) }
    .forEach { file in
      print(String(decoding: file.path, as: UTF8.self), try file.outcome.get().output)
    }
  print("\(report.files) files through \(report.engine)")
}
