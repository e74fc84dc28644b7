"""How much of Office files is found on their pages: ``python -m benchmarks.parsing.located FOLDER``.

Every DOCX, PPTX, XLSX and legacy Office file of ``FOLDER`` is copied to a scratch folder, parsed and rendered as an
upload would be. A block counts when it holds text or a picture and is not hidden; it is located when it has a box.
``--check N`` looks at N located blocks of each file more closely: their words are read again from the page within the
block's boxes. Needs LibreOffice. Exit code 1 when the bar is missed.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from benchmarks.parsing.parser import parse
from benchmarks.parsing.report import Bar, verdict
from ingest.parsing.service import FileParser
from ingest.rendition.chars import fold
from ingest.rendition.paths import rendition_path
from ingest.rendition.soffice import find_program
from ingest.sandbox import Sandbox
from wenyuan.documents import Block, BlockKind, ParsedDocument
from wenyuan.errors import FileError
from wenyuan.settings import Settings

_SUFFIXES: Final = frozenset({".docx", ".pptx", ".xlsx", ".doc", ".ppt", ".xls"})
_WORDY: Final = frozenset({BlockKind.TITLE, BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.CAPTION})
_BAR: Final = 0.97
_AGREES: Final = 0.9
_SLACK: Final = 1.0


def counted(parsed: ParsedDocument) -> list[Block]:
    """Return the blocks that a reader of the pages should see."""
    return [block for block in parsed.blocks if block.hidden is None and (block.text.strip() or block.media)]


def confirmed(pdf: Path, blocks: Sequence[Block]) -> int:
    """Return for how many blocks nearly all letters and digits are found within the block's boxes."""
    agree = 0
    with pdfium.PdfDocument(pdf) as document:
        for block in blocks:
            inside = ""
            for box in block.boxes:
                page = document[box.page - 1]
                height = page.get_height()
                bounds = (box.x0 - _SLACK, height - box.y1 - _SLACK, box.x1 + _SLACK, height - box.y0 + _SLACK)
                inside += fold(page.get_textpage().get_text_bounded(*bounds))
            agree += _shared(fold(block.text), inside) >= _AGREES
    return agree


def _shared(wanted: str, found: str) -> float:
    """The share of the characters of ``wanted`` that ``found`` has, each as often."""
    return sum(min(wanted.count(char), found.count(char)) for char in set(wanted)) / max(len(wanted), 1)


def files_of(folder: Path) -> list[Path]:
    """Return the Office files of a folder."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


async def run(folder: Path, check: int, *, details: bool) -> int:
    """Parse the files of ``folder``, print a line for each and the verdict."""
    settings = Settings().ingest.model_copy(update={"ocr": False})
    if find_program(settings.office_program) is None:
        print("LibreOffice is not installed: blocks keep their logical positions")
        return 1
    parser = FileParser(Sandbox(settings), None, settings, renders=True)
    blocks = located = checked = agree = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in files_of(folder):
            copy = Path(scratch) / path.name
            shutil.copyfile(path, copy)
            try:
                parsed = await parse(parser, copy)
            except FileError as error:
                print(f"{path.name:44} {error.code}")
                continue
            seen = counted(parsed)
            found = [block for block in seen if block.boxes]
            wordy = [block for block in found if block.kind in _WORDY and "$" not in block.text and fold(block.text)]
            sample = random.Random(0).sample(wordy, min(check, len(wordy)))
            right = confirmed(rendition_path(copy), sample) if sample else 0
            print(f"{path.name:44} {len(parsed.pages):4} pages {len(found):6} of {len(seen):6} blocks", end="")
            print(f"   {right} of {len(sample)} boxes hold their words" if sample else "")
            blocks, located = blocks + len(seen), located + len(found)
            checked, agree = checked + len(sample), agree + right
            for block in seen if details else ():
                if not block.boxes:
                    print(f"    not found: {block.kind} {block.text[:70]!r}")
    if not blocks:
        print("no Office files")
        return 1
    bars = [Bar("office blocks located", located / blocks, _BAR)]
    if checked:
        bars.append(Bar("boxes that hold their words", agree / checked, None))
    return verdict(bars)


def main() -> int:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--check", type=int, default=50, metavar="N")
    options.add_argument("--details", action="store_true")
    given = options.parse_args()
    return asyncio.run(run(given.folder, given.check, details=given.details))


if __name__ == "__main__":
    sys.exit(main())
