import FilePipeline
import FileStages

/// The sum of a column of numbers in each CSV file below a directory, in the order of the paths.
func sums(ofColumn column: Int, under root: FilePath) async throws -> [(file: FilePath, sum: Double)] {
  try await FilePipeline.files(under: root)
    .filter { $0.path.extension == "csv" }
    .reduce {
      LineReduction(into: 0.0) { sum, line in
        sum += line.field(at: column, separatedBy: UInt8(ascii: ","))?.decimal ?? 0
      }
    }
    .map { ($0.path, try $0.value) }
    .collect()
}

/// The first place where a text occurs. No file is read further than that, and with the loop the run ends.
func first(_ text: String, under root: FilePath) async throws -> (file: FilePath, line: String)? {
  for try await file in FilePipeline.files(under: root).reduce({ FirstMatch(text) }).results {
    if let match = try file.value { return (file.path, match.text) }
  }
  return nil
}
