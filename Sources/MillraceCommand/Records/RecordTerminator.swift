/// The byte that ends a record: a line of a manifest or of a list of files.
enum RecordTerminator: UInt8, Sendable {
  case newline = 0x0A
  /// The form of `find -print0` and `sha256sum --zero`. No file name holds a NUL, so names stand in it as they are.
  case nul = 0x00
}
