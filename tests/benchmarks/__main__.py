"""`python -m tests.benchmarks [--collection DIR ...] [NAME ...]`: measure, and print one Markdown table.

Every module of this package with a function `run()` is a benchmark of its name; it answers rows of (what, measured,
goal). Without names all are run.
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import tests.benchmarks
from tests.benchmarks import retrieval


def main() -> None:
    names = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__) if module.name != "__main__"]
    modules = {name: importlib.import_module(f"tests.benchmarks.{name}") for name in names}
    benchmarks = {name: module for name, module in modules.items() if hasattr(module, "run")}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(benchmarks)}; default: all")
    parser.add_argument(
        "--collection",
        action="append",
        type=Path,
        default=[],
        metavar="DIR",
        help="a BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv, gzipped or not) for `retrieval`",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(benchmarks):
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}; there are: {', '.join(benchmarks)}")
    retrieval.COLLECTIONS.extend(arguments.collection)
    print("| what | measured | goal |\n|---|---|---|")
    for name in arguments.names or benchmarks:
        print(f"measuring: {name}", file=sys.stderr)
        for row in benchmarks[name].run():
            print(f"| {' | '.join(row)} |", flush=True)


main()
