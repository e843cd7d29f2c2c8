#!/usr/bin/env python3
"""Mean and largest flow at each station, from the comma-separated table on standard input."""

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
