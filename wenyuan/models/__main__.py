"""`python -m wenyuan.models DIR`: build the offline embedder in DIR, or verify it if it is there."""

import argparse
import sys
import time
from pathlib import Path

from wenyuan.errors import WenyuanError
from wenyuan.models.store import ensure_offline_embedder


def main() -> int:
    """Exit code 0 when the model is in place and intact, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m wenyuan.models", description=__doc__)
    parser.add_argument("directory", type=Path, help="folder of models, for instance var/models")
    started = time.monotonic()
    try:
        folder = ensure_offline_embedder(parser.parse_args().directory)
    except WenyuanError as error:
        print(error.message("zh"), error.message("en"), sep="\n", file=sys.stderr)
        return 1
    size = sum(file.bytes for file in folder.manifest.files.values()) / 1e6
    seconds = time.monotonic() - started
    print(f"{folder.path}: {size:.0f} MB, fingerprint {folder.manifest.fingerprint}, {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
