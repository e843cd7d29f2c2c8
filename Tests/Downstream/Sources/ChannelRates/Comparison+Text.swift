import Foundation

extension Comparison: CustomStringConvertible {
  var description: String {
    let (times, processorTimes) = (times, processorTimes)
    let lines = names.indices.map { index in
      let name = names[index].padding(toLength: 30, withPad: " ", startingAt: 0)
      let (ratio, processorRatio) = (times[index] / times[0], processorTimes[index] / processorTimes[0])
      return name
        + String(
          format: "%9.1f%9.1f%9.2f%12.1f%9.2f", times[index], leastTimes[index], ratio, processorTimes[index],
          processorRatio)
    }
    let heading = "nanoseconds for each Int".padding(toLength: 30, withPad: " ", startingAt: 0)
    return ([title, heading + "     time      min    ratio   processor    ratio"] + lines).joined(separator: "\n")
      + "\n"
  }
}
