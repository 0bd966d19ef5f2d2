"""Runs the benches: `python -m tests.bench [--json FILE] [BENCH ...]`.

A goal that is missed is said, and is no failure: the exit status is 1 only where something could not be measured.
"""

import sys
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench import (
    check,
    detection,
    indicators,
    matching,
    memory,
    neighbour,
    overload,
    page,
    reported_storm,
    reporting,
    storm,
    telling,
    transport,
)
from tests.bench.elsewhere import Elsewhere, elsewhere
from tests.bench.result import Result, as_json, table, this_machine

BENCHES: Mapping[str, Callable[[Elsewhere], tuple[Result, ...]]] = {
    "check": check.bench,
    "indicators": indicators.bench,
    "detection": detection.bench,
    "matching": matching.bench,
    "memory": memory.bench,
    "neighbour": neighbour.bench,
    "overload": overload.bench,
    "page": page.bench,
    "reported-storm": reported_storm.bench,
    "reporting": reporting.bench,
    "storm": storm.bench,
    "telling": telling.bench,
    "transport": transport.bench,
}


def measured(name: str) -> tuple[Result, ...]:
    """Return what one bench gives: nothing where it failed, which is said, and costs the others nothing."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    try:
        with elsewhere() as world:
            return BENCHES[name](world)
    except Exception:  # noqa: BLE001 - once per bench
        traceback.print_exc()
        return ()


def main() -> None:
    """Measure what was asked for, print one table, and write it as JSON where wanted."""
    parser = ArgumentParser(prog="python -m tests.bench", description="What Tierwatch costs, and how soon it tells.")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"which ones: {', '.join(BENCHES)} (all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    options = parser.parse_args()
    if unknown := set(options.benches) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    machine = this_machine()
    found = {name: measured(name) for name in options.benches or BENCHES}
    results = [result for part in found.values() for result in part]
    print(f"{machine}\n\n{table(results)}")
    if options.json is not None:
        options.json.write_text(as_json(machine, results), encoding="utf-8")
    if failed := [name for name, part in found.items() if not part]:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
