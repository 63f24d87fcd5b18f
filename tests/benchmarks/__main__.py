"""``make bench``: every budget, measured and compared; exit 1 when one is missed.

``make bench BENCH_ARGS="startup idle"`` measures only those.
"""

from __future__ import annotations

import importlib
import os
import sys

ALL = ("startup", "painting", "rounds", "history", "listing", "counting", "idle")


def main(wanted: list[str]) -> int:
    """Measure what is wanted (everything when nothing is named)."""
    unknown = set(wanted) - set(ALL)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    # Without its compiled modules every start would compile the program anew, which no user's start does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    missed = False
    for name in wanted or ALL:
        for budget in importlib.import_module(f"tests.benchmarks.{name}").measure():
            print(budget, flush=True)
            missed = missed or not budget.kept
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
