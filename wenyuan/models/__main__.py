"""`python -m wenyuan.models DIR`: build the offline embedder and reader in DIR, or verify them if they are there."""

import argparse
import sys
import time
from pathlib import Path

from wenyuan.errors import WenyuanError
from wenyuan.models.store import ensure_offline_embedder, ensure_reader
from wenyuan.settings import CONFIGS

#: What was trained for reading, see ``benchmarks/reader``.
READER_CHANGES = CONFIGS / "reader.npz"


def main() -> int:
    """Exit code 0 when the models are in place and intact, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m wenyuan.models", description=__doc__)
    parser.add_argument("directory", type=Path, help="folder of models, for instance var/models")
    started = time.monotonic()
    try:
        directory = parser.parse_args().directory
        folders = [ensure_offline_embedder(directory)]
        if READER_CHANGES.is_file():
            folders.append(ensure_reader(directory, READER_CHANGES))
    except WenyuanError as error:
        print(error.message("zh"), error.message("en"), sep="\n", file=sys.stderr)
        return 1
    for folder in folders:
        size = sum(file.bytes for file in folder.manifest.files.values()) / 1e6
        print(f"{folder.path}: {size:.0f} MB, fingerprint {folder.manifest.fingerprint}")
    print(f"{time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
