/// The order of the results of files.
public enum FileOrder: Sendable {
  /// The order of the source: for a walk the byte order of the paths. Within a window the files are still read in the
  /// order of their inodes.
  case source
  /// The order in which they finish.
  case completion
}
