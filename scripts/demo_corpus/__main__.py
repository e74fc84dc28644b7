"""Command line: ``python -m scripts.demo_corpus --out FOLDER [--font PATH]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.demo_corpus.build import build
from scripts.demo_corpus.fonts import FontError


def main(arguments: list[str] | None = None) -> int:
    """Write the corpus; 0 on success, 2 when no usable font is there."""
    parser = argparse.ArgumentParser(prog="python -m scripts.demo_corpus", description="Write the demo corpus.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files (made when absent)")
    parser.add_argument("--font", type=Path, help="TrueType font or collection with Chinese glyphs")
    options = parser.parse_args(arguments)
    try:
        paths = build(options.out, options.font)
    except FontError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in paths:
        sys.stdout.write(f"{path.stat().st_size:>9,}  {path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
