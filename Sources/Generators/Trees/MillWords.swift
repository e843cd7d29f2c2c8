/// The words that names and lines of made-up text are drawn from. All are ASCII.
enum MillWords {
  static let all = [
    "apron", "ash", "axle", "bank", "barley", "barn", "basin", "beam", "bell", "bin", "bran", "brass", "bridge",
    "brook", "bucket", "cart", "chaff", "chain", "chute", "clay", "cog", "crown", "current", "dam", "drain",
    "drift", "dust", "ebb", "eddy", "elm", "fall", "ferry", "field", "float", "flood", "floor", "flour", "flume",
    "foam", "ford", "frost", "gable", "gate", "gauge", "gear", "grain", "gravel", "grist", "hammer", "harvest",
    "hatch", "hoist", "hopper", "hub", "husk", "iron", "island", "joist", "keel", "kiln", "ladder", "lane", "leat",
    "level", "lever", "loaf", "lock", "loft", "malt", "marsh", "meadow", "meal", "mill", "mist", "moss", "mud",
    "nail", "oak", "oar", "oat", "oven", "paddle", "path", "pebble", "peg", "pier", "pinion", "plank", "pond",
    "pulley", "quay", "quern", "race", "rain", "rake", "reed", "ripple", "river", "rope", "rye", "sack", "scale",
    "scoop", "seed", "shaft", "shingle", "shore", "sieve", "silt", "slate", "sluice", "spelt", "spill", "spindle",
    "spoke", "spring", "staff", "stone", "stove", "straw", "stream", "tail", "tally", "thatch", "tide", "timber",
    "toll", "trough", "trundle", "valley", "vane", "vat", "wagon", "wall", "warden", "water", "weight", "weir",
    "wharf", "wheat", "wheel", "willow", "winch", "yard", "yeast", "yoke",
  ]
}
