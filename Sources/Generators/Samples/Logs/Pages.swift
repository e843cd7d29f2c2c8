/// Something that can be asked of the mill's web site, and how the server usually answers.
struct Page {
  var method = "GET"
  var path: String
  var status = 200

  /// Of the answer, in bytes.
  var size: Int

  /// How much larger the answer may be: a page is made anew each time, a picture is not.
  var spread = 0

  /// Whether what is searched for follows the path.
  var isSearch = false
}

/// What people and robots ask the mill's web site for, each page with how often in proportion to the others.
enum Pages {
  /// Pages that one reads, in the order of nothing in particular.
  static let read: [(weight: Int, item: Page)] = [
    (90, Page(path: "/", size: 6_230, spread: 60)),
    (40, Page(path: "/flour", size: 5_120, spread: 90)),
    (28, Page(path: "/flour/wheat-fine", size: 3_940, spread: 12)),
    (24, Page(path: "/flour/rye-dark", size: 3_871, spread: 12)),
    (14, Page(path: "/flour/spelt", size: 3_902, spread: 12)),
    (22, Page(path: "/opening-hours", size: 2_048)),
    (18, Page(path: "/tour", size: 8_800)),
    (16, Page(path: "/images/wheel-large.jpg", size: 610_209)),
    (20, Page(path: "/search?q=", size: 2_100, spread: 900, isSearch: true)),
    (14, Page(path: "/basket", size: 1_730, spread: 400)),
    (9, Page(method: "POST", path: "/basket/add", status: 303, size: 0)),
    (5, Page(method: "POST", path: "/checkout", size: 1_204, spread: 30)),
    (1, Page(method: "POST", path: "/checkout", status: 422, size: 655)),
    (6, Page(path: "/recipes", status: 301, size: 0)),
    (6, Page(path: "/bread", size: 7_005)),
    (4, Page(path: "/flour/teff", status: 404, size: 512)),
    (2, Page(path: "/office/orders", status: 401, size: 388)),
    (2, Page(path: "/office/orders", size: 20_417, spread: 3_000)),
    (1, Page(path: "/m%C3%BChle", size: 6_118)),
  ]

  /// What a page brings along.
  static let assets = [
    Page(path: "/static/mill.css", size: 9_412),
    Page(path: "/static/wheel.js", size: 17_880),
    Page(path: "/images/wheel-small.jpg", size: 48_311),
    Page(path: "/api/level", size: 94, spread: 3),
  ]

  /// What only robots ask for.
  static let probed: [(weight: Int, item: Page)] = [
    (8, Page(path: "/robots.txt", size: 74)),
    (4, Page(path: "/sitemap.xml", size: 1_902)),
    (3, Page(path: "/admin/login.php", status: 404, size: 512)),
    (2, Page(path: "/.env", status: 404, size: 512)),
    (2, Page(method: "HEAD", path: "/", size: 0)),
    (1, Page(method: "OPTIONS", path: "/", status: 405, size: 190)),
  ]

  static let searches = [
    "rye", "spelt+flour", "opening+times", "sour+dough", "wheel", "gluten", "bread+recipe", "price", "25+kg",
    "%F0%9F%8C%BE",
  ]
}
