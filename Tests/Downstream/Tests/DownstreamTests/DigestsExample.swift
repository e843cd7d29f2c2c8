import FilePipeline
import FileStages

struct UppercaseASCII: ByteStage {
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
    output.append(input) { byte in byte >= 97 && byte <= 122 ? byte - 32 : byte }
  }
  mutating func finish(into output: inout ByteOutput) {}
}

func printDigests() async throws {
  let report = try await FilePipeline.files(under: "SampleData", engine: .auto)
    .filter { $0.path.extension == "csv" }
    .transform { UppercaseASCII() }
    .reduce { DigestReducer(.sha256) }
    .forEach { print($0.path, try $0.value) }
  print(report)
}
