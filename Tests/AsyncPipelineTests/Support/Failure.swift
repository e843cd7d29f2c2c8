/// The error that closures throw.
struct Failure: Error, Equatable {
  let element: Int
}
