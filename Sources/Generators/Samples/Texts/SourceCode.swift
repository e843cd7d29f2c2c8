/// Small programs and pages of the sort that source trees are full of. What they do does not matter; most even run.
enum SourceCode {
  static let swift = """
    /// A water wheel and what it gives.
    struct Wheel {
      /// In metres.
      var diameter: Double

      /// How much each bucket holds, in litres.
      var bucket: Double

      /// How many buckets there are.
      var count: Int

      /// The power at the shaft in watts, with `flow` in litres a second. A third is lost on the way.
      func power(flow: Double) -> Double {
        flow * diameter * 9.81 * 2 / 3
      }

      /// Turns a minute, if every bucket is filled to the brim.
      func speed(flow: Double) -> Double {
        guard count > 0, bucket > 0 else { return 0 }
        return flow / (bucket * Double(count)) * 60
      }
    }

    let wheel = Wheel(diameter: 4.2, bucket: 28, count: 36)
    for flow in stride(from: 40.0, through: 200, by: 40) {
      print("\\(flow) l/s: \\(Int(wheel.power(flow: flow))) W, \\(wheel.speed(flow: flow)) rpm")
    }
    """

  static let header = """
    #ifndef GEAR_H
    #define GEAR_H

    #include <stddef.h>

    /* A train of gears: the teeth of each driver and of what it drives. */
    struct gear_pair {
        unsigned driver;
        unsigned driven;
    };

    /* How often the last shaft turns for one turn of the first, in thousandths; 0 if a wheel has no teeth. */
    unsigned long gear_ratio(const struct gear_pair *train, size_t count);

    #endif
    """

  static let c = """
    #include "gear.h"

    #include <stdio.h>

    unsigned long gear_ratio(const struct gear_pair *train, size_t count)
    {
        unsigned long long ratio = 1000;

        for (size_t i = 0; i < count; i++) {
            if (train[i].driver == 0 || train[i].driven == 0)
                return 0;
            ratio = ratio * train[i].driver / train[i].driven;
        }
        return (unsigned long)ratio;
    }

    int main(void)
    {
        /* pit wheel and wallower, then spur wheel and stone nut */
        const struct gear_pair train[] = {{88, 22}, {72, 20}};

        printf("%lu\\n", gear_ratio(train, sizeof train / sizeof train[0]));
        return 0;
    }
    """

  static let python = """
    #!/usr/bin/env python3
    \"\"\"Mean and largest flow at each station, from the comma-separated table on standard input.\"\"\"

    import csv
    import sys
    from collections import defaultdict


    def main() -> int:
        flows = defaultdict(list)
        for row in csv.DictReader(sys.stdin):
            if row["flow"]:
                flows[row["station"]].append(float(row["flow"]))
        for station in sorted(flows):
            values = flows[station]
            print(f"{station:>12} {sum(values) / len(values):8.1f} {max(values):8.1f}")
        return 0 if flows else 1


    if __name__ == "__main__":
        sys.exit(main())
    """

  static let sql = """
    -- Orders, and what each customer still owes.
    CREATE TABLE customer (
      id    INTEGER PRIMARY KEY,
      name  TEXT NOT NULL UNIQUE
    );

    CREATE TABLE flour_order (
      number     TEXT PRIMARY KEY,
      customer   INTEGER NOT NULL REFERENCES customer (id),
      placed_on  TEXT NOT NULL,
      kilograms  INTEGER NOT NULL CHECK (kilograms > 0),
      cents      INTEGER NOT NULL,
      paid       INTEGER NOT NULL DEFAULT 0
    );

    CREATE VIEW owed AS
      SELECT customer.name, SUM(flour_order.cents) / 100.0 AS amount, COUNT(*) AS orders
      FROM flour_order JOIN customer ON customer.id = flour_order.customer
      WHERE NOT flour_order.paid
      GROUP BY customer.id
      ORDER BY amount DESC;
    """

  /// Tabs matter in this one.
  static let makefile = """
    CFLAGS ?= -O2 -Wall -Wextra

    gear: gear.o
    \t$(CC) $(LDFLAGS) -o $@ $^

    gear.o: gear.c gear.h

    .PHONY: clean
    clean:
    \trm -f gear gear.o
    """

  static let html = """
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>The mill at Lowwater</title>
        <link rel="stylesheet" href="mill.css">
      </head>
      <body>
        <h1>The mill at Lowwater</h1>
        <p>The wheel is <strong id="state">turning</strong>.</p>
        <p>The water stands at <span id="level">1431</span>&nbsp;mm.</p>
        <ul class="flours">
          <li>wheat, fine &mdash; 1.42&nbsp;&euro;/kg</li>
          <li>rye, dark &mdash; 1.29&nbsp;&euro;/kg</li>
          <li>spelt &mdash; 2.55&nbsp;&euro;/kg</li>
        </ul>
      </body>
    </html>
    """

  static let css = """
    :root {
      --flour: #f6f1e4;
      --water: #2c5276;
    }

    body {
      background: var(--flour);
      color: var(--water);
      font: 1.05rem/1.5 serif;
      margin: 2rem auto;
      max-width: 42rem;
    }

    .flours li:nth-child(odd) {
      font-style: italic;
    }

    @media (prefers-color-scheme: dark) {
      :root { --flour: #1d242b; --water: #c9dcec; }
    }
    """
}
