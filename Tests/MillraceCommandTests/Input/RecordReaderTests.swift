import FileStages
import Foundation
import SystemPackage
import Testing

@testable import MillraceCommand

@Suite struct RecordReaderTests {
  /// The records of `input`, read through a pipe.
  private func records(
    _ input: [UInt8], terminator: RecordTerminator = .newline, lengthLimit: Int = 100, readSize: Int = 7
  ) throws -> [Result<[UInt8], RecordTooLong>] {
    let pipe = try FileDescriptor.pipe()
    // Inputs are smaller than a pipe, so this does not wait for the reader.
    try pipe.writeEnd.closeAfter { _ = try pipe.writeEnd.writeAll(input) }
    return try pipe.readEnd.closeAfter {
      var reader = RecordReader(pipe.readEnd, terminator: terminator, lengthLimit: lengthLimit, readSize: readSize)
      var records: [Record] = []
      while let record = try reader.next() { records.append(record) }
      #expect(records.map(\.number) == Array(1..<(records.count + 1)))
      #expect(try reader.next() == nil)
      return records.map(\.bytes)
    }
  }

  private func split(_ input: [UInt8], limit: Int) -> [Result<[UInt8], RecordTooLong>] {
    var pieces = input.split(separator: 0x0A, omittingEmptySubsequences: false)
    if pieces.last == [] { pieces.removeLast() }
    return pieces.map {
      $0.count <= limit ? .success(Array($0)) : .failure(RecordTooLong(length: $0.count, limit: limit))
    }
  }

  @Test func what_is_buffered_is_had_without_reading() throws {
    let pipe = try FileDescriptor.pipe()
    _ = try pipe.writeEnd.writeAll(bytes("one\n\nthree\nfo"))
    var reader = RecordReader(pipe.readEnd, terminator: .newline, lengthLimit: 4)
    // Nothing has been read yet.
    #expect(reader.nextBuffered() == nil)
    #expect(try reader.next()?.bytes == .success(bytes("one")))
    #expect(reader.nextBuffered()?.bytes == .success([]))
    let tooLong = reader.nextBuffered()
    #expect(tooLong?.bytes == .failure(RecordTooLong(length: 5, limit: 4)))
    #expect(tooLong?.number == 3)
    // A read for the rest would block.
    #expect(reader.nextBuffered() == nil)
    _ = try pipe.writeEnd.writeAll(bytes("ur\nfive"))
    #expect(reader.nextBuffered() == nil)
    #expect(try reader.next()?.bytes == .success(bytes("four")))
    #expect(reader.nextBuffered() == nil)
    try pipe.writeEnd.close()
    #expect(try reader.next()?.bytes == .success(bytes("five")))
    #expect(reader.nextBuffered() == nil)
    #expect(try reader.next() == nil)
    try pipe.readEnd.close()
  }

  @Test func the_last_record_may_lack_its_terminator() throws {
    #expect(try records(bytes("one\ntwo\n")) == [.success(bytes("one")), .success(bytes("two"))])
    #expect(try records(bytes("one\ntwo")) == [.success(bytes("one")), .success(bytes("two"))])
    #expect(try records([]) == [])
  }

  @Test func nul_ended_records_hold_newlines() throws {
    #expect(try records(bytes("a\nb\0\0c"), terminator: .nul) == ["a\nb", "", "c"].map { .success(bytes($0)) })
  }

  @Test func every_short_input_at_every_size() throws {
    for length in 0...7 {
      for pattern in 0..<(1 << length) {
        let input = (0..<length).map { pattern >> $0 & 1 == 0 ? UInt8(ascii: "x") : 0x0A }
        for (readSize, limit) in [(1, 0), (1, 2), (2, 1), (3, 2), (3, 3), (8, 0), (8, 3)] {
          let found = try records(input, lengthLimit: limit, readSize: readSize)
          #expect(found == split(input, limit: limit), "\(input), read size \(readSize)")
        }
      }
    }
  }

  @Test func random_inputs_as_a_plain_split_sees_them() throws {
    let seed = Seed()
    var random = seed.generator()
    for _ in 0..<200 {
      let input = random.bytes(count: 0...300, from: [0x0A, 0x61, 0xFF, 0x00, 0x0D, 0x62])
      let limit = Int.random(in: 0...20, using: &random)
      let readSize = Int.random(in: 1...40, using: &random)
      #expect(try records(input, lengthLimit: limit, readSize: readSize) == split(input, limit: limit), "\(seed)")
    }
  }

  @Test func an_overlong_record_is_skipped_and_the_next_one_read() throws {
    let limit = RecordReader.defaultLengthLimit
    let directory = try TemporaryDirectory()
    let lengths = [limit, limit + 1, 3 * limit, 1]
    try directory.write(lengths.flatMap { [UInt8](repeating: 0x61, count: $0) + [0x0A] }, to: bytes("list"))
    let file = try FileDescriptor.open(directory.path + "/list", .readOnly)
    try file.closeAfter {
      var reader = RecordReader(file, terminator: .newline)
      var outcomes: [Int] = []
      while let record = try reader.next() {
        switch record.bytes {
        case .success(let bytes): outcomes.append(bytes.count)
        case .failure(let error): outcomes.append(-error.length)
        }
      }
      #expect(outcomes == [limit, -limit - 1, -3 * limit, 1])
    }
  }

  @Test func the_longest_line_of_a_manifest_fits() throws {
    var line: [UInt8] = []
    let name = [UInt8](repeating: 0x5C, count: 4096)
    let digest = try #require(Digest(.sha512, hexadecimal: [UInt8](repeating: UInt8(ascii: "0"), count: 128)))
    ManifestWriter(isTagged: true).append(name: name, digest: digest, to: &line)
    #expect(line.count <= RecordReader.defaultLengthLimit)
  }

  @Test func a_nonblocking_pipe_is_waited_for() async throws {
    let pipe = try FileDescriptor.pipe()
    #expect(fcntl(pipe.readEnd.rawValue, F_SETFL, O_NONBLOCK) == 0)
    let writer = Thread {
      // In two pieces, so that the reader is likely to find the pipe empty in between.
      _ = try? pipe.writeEnd.writeAll(bytes("on"))
      _ = try? pipe.writeEnd.writeAll(bytes("e\ntwo"))
      try? pipe.writeEnd.close()
    }
    var reader = RecordReader(pipe.readEnd, terminator: .newline)
    writer.start()
    #expect(try reader.next()?.bytes == .success(bytes("one")))
    #expect(try reader.next()?.bytes == .success(bytes("two")))
    #expect(try reader.next() == nil)
    try pipe.readEnd.close()
  }

  @Test func a_read_error_is_thrown() throws {
    let directory = try FileDescriptor.open("/", .readOnly)
    try directory.closeAfter {
      var reader = RecordReader(directory, terminator: .newline)
      #expect(throws: Errno.isDirectory) { try reader.next() }
    }
  }
}
