import MillraceCommand

@main
struct Millrace {
  static func main() {
    MillraceProgram.main()
  }
}
