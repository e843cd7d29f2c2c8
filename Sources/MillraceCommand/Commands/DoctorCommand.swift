import ArgumentParser
import FilePipeline

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this machine offers io_uring, and what to change.")

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let examination = await DoctorReport()
    let results = ResultWriter(json: json)
    try results.write { bytes in
      if json {
        try JSONLines().append(examination, to: &bytes)
      } else {
        bytes.append(contentsOf: examination.text.utf8)
      }
    }
    try results.flush()
  }
}
