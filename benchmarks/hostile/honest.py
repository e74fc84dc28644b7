"""``python -m benchmarks.hostile.honest``: generated Office files as people write them; none may be refused."""

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import docx
import openpyxl
import pptx
from pptx.util import Inches

from benchmarks.hostile.files.offices import RICH
from benchmarks.hostile.files.seeds import SEEDS, WORDS, image_bytes
from benchmarks.hostile.hidden import SHOWN
from benchmarks.hostile.trial import read

_KINDS: Final = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "ofd")
_CONVERTED: Final = {"docx": ("odt", "docx", "rtf"), "xlsx": ("ods", "xlsx"), "pptx": ("odp", "pptx")}


def honest(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` names and files: long and short ones, with many equal cells and blank pictures that pack well."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        kind = _KINDS[number % len(_KINDS)]
        makers = {"docx": _word, "xlsx": _sheets, "pptx": _show}
        yield f"{number}.{kind}", makers[kind](random) if kind in makers else SEEDS[kind](random)


def rich(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield files with the parts that people's own have."""
    for number in range(count):
        name = list(RICH)[number % len(RICH)]
        yield f"{number}-{name}", RICH[name](Random(f"{seed} rich {number}"))


def converted(count: int, seed: int, program: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield files that LibreOffice wrote from generated ones."""
    makers: list[tuple[str, Callable[[Random], bytes]]] = [("docx", _word), ("xlsx", _sheets), ("pptx", _show)]
    makers += [(name.rpartition(".")[2], maker) for name, maker in RICH.items()]
    for number in range(count):
        random = Random(f"{seed} converted {number}")
        source, maker = makers[number % len(makers)]
        path = folder / f"source{number}.{source}"
        path.write_bytes(maker(random))
        target = random.choice(_CONVERTED[source])
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", target, "--outdir", str(folder / "out"), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        made = folder / "out" / f"source{number}.{target}"
        yield f"converted{number}.{target}", made.read_bytes()


def _word(random: Random) -> bytes:
    document = docx.Document()
    for number in range(random.choice((3, 30, 300))):
        if number % 10 == 0:
            document.add_heading(f"{number} {SHOWN}", 1)
        document.add_paragraph(WORDS * random.randint(1, 3))
    table = document.add_table(random.randint(2, 40), 4)
    for row in table.rows:
        row.cells[0].text = "300"
    document.add_picture(_file(image_bytes(random, "PNG")))
    return _saved(document)


def _sheets(random: Random) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(random.choice((5, 200, 4000))):
        sheet.append([f"部门{row % 7}", 0, 0, 0, "是", row * 1.5])
    if random.random() < 0.5:
        sheet.merge_cells("A1:C1")
    return _saved(book)


def _show(random: Random) -> bytes:
    show = pptx.Presentation()
    for number in range(random.choice((1, 5, 40))):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"{SHOWN} {number}"
        slide.placeholders[1].text = WORDS
        if random.random() < 0.3:
            slide.shapes.add_picture(_file(image_bytes(random, "PNG")), Inches(5), Inches(1))
    return _saved(show)


def _file(data: bytes) -> Any:
    return io.BytesIO(data)


def _saved(document: Any) -> bytes:
    buffer = _file(b"")
    document.save(buffer)
    return bytes(buffer.getvalue())


def main() -> int:
    """Read the files and print which are refused; exit code 1 when one is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile.honest", description=__doc__)
    parser.add_argument("--count", type=int, default=270)
    parser.add_argument("--rich", type=int, default=28, help="files with comments, changes, charts and the like")
    parser.add_argument("--converted", type=int, default=30, help="files by LibreOffice, where it is installed")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    program = shutil.which("soffice")
    total = refused = 0
    with tempfile.TemporaryDirectory(prefix="honest-") as name:
        folder = Path(name)
        files = [honest(arguments.count, arguments.seed), rich(arguments.rich, arguments.seed)]
        if program is not None:
            files.append(converted(arguments.converted, arguments.seed, program, folder))
        for filename, data in (one for each in files for one in each):
            path = folder / filename
            path.write_bytes(data)
            verdict = read(path, filename)
            total += 1
            if verdict.outcome != "parsed":
                refused += 1
                print(f"  {filename}: {verdict.outcome} {verdict.detail}")
    print(f"honest files: {refused} of {total} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
