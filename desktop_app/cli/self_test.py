"""`deskside doctor --self-test`: attacks on the code interpreter's sandbox at every level of this machine."""

import json
import sys
from collections import Counter
from dataclasses import asdict

from desktop_app.interpreter import levels
from desktop_app.interpreter.launch import NotConfinedError
from desktop_app.interpreter.selftest import run as self_test


def run(as_json: bool) -> int:
    """Print a line per attack; 0 when all were refused, 1 when one got through or no sandbox could be tried."""
    if not (offers := levels.to_try()):
        print(levels.unavailable(levels.offers()[1]), file=sys.stderr)
        return 1
    count: Counter[tuple[str, bool]] = Counter()
    for offer in offers:
        try:
            for row in self_test.run([offer]):
                count[row.level, row.through] += 1
                if as_json:
                    print(json.dumps(asdict(row)), flush=True)
                else:
                    mark = "! GOT THROUGH" if row.through else "\u2713 refused    "
                    print(f"{mark}  {row.level:<8}  {row.area}: {row.name} ({row.seen})", flush=True)
        except NotConfinedError as error:
            print(f"{offer.level}: can't be used here, so no code runs with it ({error})", file=sys.stderr)
    if not as_json:
        for level in dict.fromkeys(level for level, _ in count):
            print(f"{level}: {count[level, True]} of {count[level, True] + count[level, False]} got through")
    return 1 if not count or any(through for _, through in count) else 0
