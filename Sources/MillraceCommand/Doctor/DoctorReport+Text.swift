import FilePipeline

extension DoctorReport {
  /// The report in plain text.
  var text: String {
    var lines = [
      isUsable ? "io_uring works here." : "io_uring cannot be used here. \(refusal ?? "")",
      "",
      "kernel               \(kernel), \(processors) processors",
      "io_uring_disabled    \(disabledSetting.map(Self.explain) ?? "no such setting")",
    ]
    if let opcodeCount {
      lines += [
        "opcodes              \(opcodeCount) known; of those used here "
          + (missingOpcodes.isEmpty ? "none is missing" : "missing: \(missingOpcodes.joined(separator: ", "))"),
        "features             \(Self.wrapped(features))",
        "set-up flags taken   \(setupFlags.isEmpty ? "none" : setupFlags.joined(separator: " "))",
        "restrictions         "
          + (canBeHardened ? "work: rings are kept to reading" : "are not to be had (Linux 5.10)"),
      ]
    }
    lines += [
      "locked memory        \(lockedMemoryLimit) bytes (hard limit \(ResourceLimit.text(lockedMemoryLimit.hard)))",
      "open files           \(descriptorLimit) (hard limit \(ResourceLimit.text(descriptorLimit.hard)))",
      "--engine auto takes  \(chosenEngine ?? "none")"
        + (engineVariable.map { " (\(EngineVariable.name) is \($0))" } ?? ""),
    ]
    lines += [("it takes", enginePlan), ("files read", reading)].compactMap { title, text in
      text.map { "\(title.padding(to: 21))\($0)" }
    }
    lines += [("small files written", writing), ("small files copied", copying)].compactMap { title, path in
      path.map { "\(title.padding(to: 21))\($0.text)" }
    }
    lines.append("")
    lines += advice.isEmpty ? ["Nothing to change."] : ["To change:"] + advice.map { "- \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The words, in lines of at most `width` characters beside their title.
  private static func wrapped(_ words: [String], width: Int = 79) -> String {
    var lines = [""]
    for word in words {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = word
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines.joined(separator: "\n" + String(repeating: " ", count: 21))
  }

  private static func explain(_ setting: Int) -> String {
    switch setting {
    case 0: "0: everyone may use it"
    case 1: "1: only the privileged, and the group of kernel.io_uring_group"
    default: "\(setting): nobody may use it"
    }
  }
}

extension DoctorReport.WritePath {
  fileprivate var text: String {
    (way == "ring" ? "through the ring" : "by system calls") + " in this directory: \(reason)"
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
