"""``python -m ingest.ocr DIR``: prepare the recognition models in DIR, or verify them if they are there."""

import argparse
import sys
from pathlib import Path

from ingest.ocr.models import ensure_ocr_models
from wenyuan.errors import WenyuanError


def main() -> int:
    """Exit code 0 when the models are in place and intact, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ingest.ocr", description=__doc__)
    parser.add_argument("directory", type=Path, help="folder of models, for instance var/models")
    try:
        models = ensure_ocr_models(parser.parse_args().directory)
    except WenyuanError as error:
        print(error.message("zh"), error.message("en"), sep="\n", file=sys.stderr)
        return 1
    print(f"{models.detection}\n{models.recognition}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
