"""Play recordings of real rollouts and say how many the simulation agrees with.

python -m rollnb.agreement tests/data/recordings
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from rollnb import recording
from rollnb.agreement.measure import compare
from rollnb.cluster import MEASURED, ControlPlane
from rollnb.replay import replay


def main(arguments: list[str] | None = None) -> int:
    """Print a line per recording and the totals; return 1 if one differs."""
    parser = argparse.ArgumentParser(
        prog="python -m rollnb.agreement", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="folder with recordings (JSON)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the totals alone")
    parser.add_argument(
        "--no-latency",
        action="store_true",
        help="with an ideal control plane, limited in its requests alone",
    )
    options = parser.parse_args(arguments)
    control_plane = ControlPlane() if options.no_latency else MEASURED
    agree: Counter[str] = Counter()
    played: Counter[str] = Counter()
    for path in sorted(options.folder.glob("*.json")):
        recorded = recording.load(path)
        simulated = replay(recorded, control_plane=control_plane)
        result = compare(simulated.curve, recorded, **simulated.said)
        played[recorded["kind"]] += 1
        agree[recorded["kind"]] += result.passed
        if not options.quiet:
            print(result, flush=True)
    for kind, number in played.items():
        print(f"{kind}: {agree[kind]} of {number} recordings agree")
    print(f"all: {agree.total()} of {played.total()} recordings agree")
    return 0 if agree == played else 1


if __name__ == "__main__":
    sys.exit(main())
