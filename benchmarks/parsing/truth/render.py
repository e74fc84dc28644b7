"""Draw documents with each generator into a cache folder."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.model import TruthDocument

GENERATORS: Final = ("chromium", "libreoffice", "reportlab")
CACHE: Final = Path("var/bench/parsing")
_SOFFICE_S: Final = 600.0
_FURNITURE: Final = '<div style="font-size: 8.5pt; width: 100%; text-align: center">{}</div>'
# Words of the page number are elements, for the browser fills in the numbers by class.
_PAGE_FIELDS: Final = {"{page}": '<span class="pageNumber"></span>', "{pages}": '<span class="totalPages"></span>'}


class GeneratorMissing(RuntimeError):
    """A program that draws the documents is not installed."""


def as_drawn(document: TruthDocument, generator: str) -> TruthDocument:
    """The document as ``generator`` can draw it: a browser sets no footnotes into columns."""
    return document.without_notes() if generator == "chromium" and document.columns > 1 else document


def rendered(seeds: Iterable[int], generators: Sequence[str], cache: Path = CACHE) -> Mapping[tuple[int, str], Path]:
    """Return the PDF of each (seed, generator), drawing what is not in the cache.

    Raises ``GeneratorMissing`` when Chromium or LibreOffice is not installed.
    """
    folder = cache / f"pdf-{_STATE}"
    folder.mkdir(parents=True, exist_ok=True)
    documents = [compose(seed) for seed in seeds]
    paths = {
        (document.seed, generator): folder / f"{document.name}-{generator}.pdf"
        for document in documents
        for generator in generators
    }
    for generator in generators:
        missing = [document for document in documents if not paths[document.seed, generator].exists()]
        if missing:
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                for document, made in zip(missing, draw(missing, generator, Path(scratch)), strict=True):
                    made.replace(paths[document.seed, generator])
    return paths


def draw(documents: Sequence[TruthDocument], generator: str, scratch: Path) -> list[Path]:
    """Draw documents into a folder; raises ``GeneratorMissing``."""
    return _DRAW[generator](documents, scratch)


def fingerprint(*folders: Path) -> str:
    """Name the state of the code in ``folders``, so that no drawing of an older state is used."""
    digest = hashlib.sha256()
    for source in sorted(source for folder in folders for source in folder.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def convert_to_pdf(paths: Sequence[Path], scratch: Path) -> list[Path]:
    """Convert office files with LibreOffice under a profile of its own; raises ``GeneratorMissing``."""
    program = _program("soffice", "WENYUAN_TEST_SOFFICE")
    command = [
        program,
        f"-env:UserInstallation={(scratch / 'profile').absolute().as_uri()}",
        "--headless",
        "--norestore",
    ]
    command += ["--convert-to", "pdf", "--outdir", str(scratch), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=_SOFFICE_S)
    return [scratch / f"{path.stem}.pdf" for path in paths]


@contextmanager
def browser_page() -> Iterator[Any]:
    """Yield an empty page of a headless Chromium; raises ``GeneratorMissing``."""
    from playwright.sync_api import sync_playwright

    program = _program("chromium", "WENYUAN_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def _chromium(documents: Sequence[TruthDocument], scratch: Path) -> list[Path]:
    from benchmarks.parsing.truth.html import to_html

    made = []
    with browser_page() as page:
        for document in documents:
            page.set_content(to_html(as_drawn(document, "chromium")))
            path = scratch / f"{document.name}.pdf"
            number = document.look.page_number
            for name, field in _PAGE_FIELDS.items():
                number = number.replace(name, field)
            page.pdf(
                path=str(path),
                format="A4",
                margin={"top": "25mm", "bottom": "24mm", "left": "23mm", "right": "23mm"},
                display_header_footer=True,
                header_template=_FURNITURE.format(escape(document.look.running_head)),
                footer_template=_FURNITURE.format(number),
                outline=document.look.outlined,
                tagged=document.look.outlined,
            )
            made.append(path)
    return made


def _libreoffice(documents: Sequence[TruthDocument], scratch: Path) -> list[Path]:
    from benchmarks.parsing.truth.word import write_docx

    files = []
    for document in documents:
        path = scratch / f"{document.name}.docx"
        write_docx(document, path, styled=document.look.outlined)
        files.append(path)
    return convert_to_pdf(files, scratch)


def _reportlab(documents: Sequence[TruthDocument], scratch: Path) -> list[Path]:
    from benchmarks.parsing.truth.layout import write_pdf

    made = []
    for document in documents:
        path = scratch / f"{document.name}.pdf"
        write_pdf(document, path)
        made.append(path)
    return made


def _program(name: str, variable: str) -> str:
    program = os.environ.get(variable) or shutil.which(name)
    if program is None:
        raise GeneratorMissing(f"{name} is not on PATH; {variable} may name it")
    return program


# Taken when the code is loaded: files that change afterwards are not what draws.
_STATE: Final = fingerprint(Path(__file__).parent)
_DRAW: Final[Mapping[str, Callable[[Sequence[TruthDocument], Path], list[Path]]]] = {
    "chromium": _chromium,
    "libreoffice": _libreoffice,
    "reportlab": _reportlab,
}
