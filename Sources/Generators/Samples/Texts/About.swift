extension SampleData {
  /// What a reader of the directory should know.
  static let aboutTheseFiles = """
    # About these files

    They are here to be read, counted, checksummed, copied and transformed: small enough to keep, varied enough to meet
    what real directories hold. Everything in them is invented. Network addresses are of the ranges kept for
    documentation, and host names end in `.example`.

    A program writes them, and always the same bytes:

        swift run Benchmarks sample-data SampleData

    | where | what |
    |---|---|
    | `the-mill-at-lowwater.txt` | a short story: prose in ASCII |
    | `field notes.txt`, `-draft.txt` | names with a space, and with a dash in front |
    | `größe-und-maß.csv`, `水車の記録.csv` | names with letters outside ASCII |
    | `empty.txt`, `binary/one-byte.bin` | no byte, and one |
    | `notes` | Markdown; a text without a newline at its end |
    | `notes-index.md` | comes before the files in `notes` when full paths are sorted by their bytes |
    | `config` | TOML, YAML, INI with CR LF, JSON on a single line |
    | `orders` | tables with quoted fields; one with CR LF and a byte order mark |
    | `sensors` | tables of numbers with gaps; `weir/levels.dat` holds little-endian records |
    | `events` | JSON lines |
    | `logs` | a web server's log of 700 kB; another of exactly 131,072 bytes; logs of programs |
    | `languages` | UTF-8 in twelve languages, symbols, and a text in ISO 8859-1, which is not UTF-8 |
    | `source` | small programs in several languages |
    | `binary` | random bytes, every byte once, a file of mostly zeros |
    | `pictures`, `sounds` | a bitmap and a wave file |
    | `archive` | folders in folders; two files that are the same; an empty hidden file five folders down |

    ## `sensors/weir/levels.dat`

    A header of 16 bytes: the letters `WEIR`, the version (2 bytes), the bytes in a record (2), the count of records
    (4), zero (4). Then records of 24 bytes: milliseconds since 1970 (8), level in micrometres (4, signed), flow in
    litres a second (4, binary floating point), station (2), flags (2: 1 is ice, 2 is estimated), the sum of the
    record's other bytes (4). The least significant byte comes first.
    """
}
