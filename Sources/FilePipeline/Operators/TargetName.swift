/// A name below the root of a target tree, as calls there take it.
struct TargetName {
  let bytes: [UInt8]
  /// The path of the directory that it is in; empty for the root.
  let directory: [UInt8]
  /// Its last component.
  let last: [UInt8]

  /// - Parameter bytes: a path without a slash at its end.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    directory = slash.map { Array(bytes[..<$0]) } ?? []
    last = slash.map { Array(bytes[($0 + 1)...]) } ?? bytes
  }
}
