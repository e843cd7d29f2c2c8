import FileEngines
import Foundation
import Testing

struct FilePathURLTests {
  @Test func a_file_url_is_its_path() {
    #expect(FilePath(URL(filePath: "/a b/ü%20")) == "/a b/ü%20")
    #expect(FilePath(URL(filePath: "/directory/", directoryHint: .isDirectory)) == "/directory")
    #expect(FilePath(URL(string: "https://example.com/a")!) == nil)
  }
}
