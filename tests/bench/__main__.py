"""make bench: the works of a day, each beside its raw statement or its hand-written twin, in one run.

    python -m tests.bench [--quick] [--only create] [--database sqlite]

Both sides run in turn on the same machine, so the ratios hold where the figures do not.
"""

from __future__ import annotations

import argparse
import importlib
import os
import time

from tests.bench.measure import Line, table
from tests.bench.stage import FULL, QUICK, opened

WORKS = ("create", "listing", "approvals", "daily", "ageing", "importing", "starting")
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=WORKS, action="append", help="this work alone; may be given more than once")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, to see that it runs")
    parser.add_argument("--database", choices=DATABASES, action="append", help="this database alone")
    given = parser.parse_args()
    began = time.monotonic()
    for dialect in given.database or DATABASES:
        with opened(dialect, QUICK if given.quick else FULL) as stage:
            lines: list[Line] = []
            for name in given.only or WORKS:
                lines += importlib.import_module(f"tests.bench.works.{name}").run(stage)
            print(f"\n{dialect}\n\n{table(lines)}", flush=True)
    load, cores = os.getloadavg()[0], os.cpu_count()
    print(f"\n{time.monotonic() - began:.0f} s; load of the machine at the end {load:.1f} on {cores} cores")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
