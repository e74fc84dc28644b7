"""Looks for texts in a stolen folder: ``python -m benchmarks.storage.stolen FOLDER TEXT [TEXT …]``.

FOLDER is a data folder, a dump or a backup; each TEXT stands in a document, a question or an answer there. Every file
is looked through for it: as it is, coded, and inside of what is compressed. Exit code 1 when any is found.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.storage.scan import forms, scan


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("texts", nargs="+", metavar="TEXT")
    chosen = options.parse_args()
    files = [path for path in chosen.folder.rglob("*") if path.is_file()]
    found = scan(chosen.folder, chosen.texts)
    for one in found:
        print(f"{one.file}: {one.text} ({one.form})")
    size = sum(path.stat().st_size for path in files) / 2**20
    count = sum(len(forms(text)) for text in chosen.texts)
    print(f"{len(found)} found: {len(chosen.texts)} texts in {count} forms, {len(files)} files of {size:.0f} MiB")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
