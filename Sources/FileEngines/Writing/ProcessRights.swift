import Glibc

/// What this process may do, as far as a copy behaves differently: the one place that asks.
package enum ProcessRights {
  /// The user that new files belong to.
  package static let user = geteuid()

  /// Their group, unless the directory gives them its own.
  static let group = getegid()

  /// Whether it may give files away, so that a refusal is worth a word. For others it is the rule: a file that they
  /// make is theirs.
  package static let givesFilesAway = user == 0
}
