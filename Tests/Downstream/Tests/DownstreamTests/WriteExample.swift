import FilePipeline

/// Writes text files in upper case into another tree, each complete or absent, and returns how many bytes those have.
func writeUppercase(of source: FilePath, to target: FilePath) async throws -> Int64 {
  try await FilePipeline.files(under: source)
    .filter { $0.path.extension == "txt" }
    .transform { UppercaseASCII() }
    .write(to: target, naming: { $0.appendingExtension("upper") })
    .map { try $0.value.byteCount }
    .fold(into: 0) { $0 += $1 }
}
