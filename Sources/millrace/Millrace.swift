import MillraceCommand

@main
struct Millrace {
  static func main() async {
    await MillraceProgram.main()
  }
}
