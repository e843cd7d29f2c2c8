#if DEBUG
import Glibc
import SystemPackage

@testable import MillraceCommand

/// The first three bytes choose the size of reads, the longest record, how records end and how they are taken; the
/// others are read from a file.
///
/// - The records are the parts between the terminators, numbered from 1; only the last may lack its own.
/// - One that is too long has its length, and none of its bytes.
func checkRecords(_ bytes: [UInt8]) {
  guard bytes.count >= 3 else { return }
  let (readSize, limit, choice) = (1 + Int(bytes[0]), Int(bytes[1]), bytes[2])
  let terminator: RecordTerminator = choice & 1 == 0 ? .newline : .nul
  let text = Array(bytes.dropFirst(3))
  var expected = text.split(separator: terminator.rawValue, omittingEmptySubsequences: false).map(Array.init)
  if expected.last == [] { expected.removeLast() }

  let file = fileWithContents(text)
  var reader = RecordReader(file, terminator: terminator, lengthLimit: limit, readSize: readSize)
  var count = 0
  // Alternately what is in the buffer, if that was chosen.
  while let record = (choice & 2 == 0 ? nil : reader.nextBuffered()) ?? (try? reader.next()) {
    require(count < expected.count, "there are no more records than parts")
    let part = expected[count]
    count += 1
    require(record.number == count, "records are numbered")
    switch record.bytes {
    case .success(let bytes): require(bytes == part && part.count <= limit, "\(bytes) is record \(count): \(part)")
    case .failure(let error): require(error.length == part.count && part.count > limit, "\(error) of \(part)")
    }
  }
  require(count == expected.count, "there are no fewer records than parts")
}

/// One file without a name for all inputs.
private let temporaryFile = FileDescriptor(rawValue: fileno(tmpfile()))

private func fileWithContents(_ bytes: [UInt8]) -> FileDescriptor {
  do {
    require(ftruncate(temporaryFile.rawValue, 0) == 0, "the file can be emptied")
    try temporaryFile.writeAll(toAbsoluteOffset: 0, bytes)
    try temporaryFile.seek(offset: 0, from: .start)
  } catch {
    fatalError("the file cannot be written: \(error)")
  }
  return temporaryFile
}
#endif
