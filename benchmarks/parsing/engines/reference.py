"""Other engines over the same files, as a program of its own: ``python reference.py ENGINE FILE ...``.

It imports nothing of this project, so that it also runs in an environment that has only the engines. Prints one JSON
object: ``cpu_s`` of the process without imports and model loading, ``import_s`` of those, ``peak_mb``, and ``results``
(for ``rapidocr`` the text of each picture, else the number of pages).
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def _pdfplumber() -> Callable[[str], Any]:
    # By name: this engine and the next are installed in another environment than the project's.
    pdfplumber: Any = import_module("pdfplumber")

    def run(path: str) -> int:
        """Words, text in its layout and tables of every page."""
        with pdfplumber.open(path) as document:
            count: int = len(document.pages)
            for page in document.pages:
                page.extract_words(extra_attrs=["fontname", "size"])
                page.extract_text(layout=True)
                page.extract_tables()
                page.close()
        return count

    return run


def _docling() -> Callable[[str], Any]:
    docling: Any = import_module("docling_parse.pdf_parser")

    def run(path: str) -> int:
        """Characters, words and lines of every page, each looked at as a reader of them must."""
        document = docling.DoclingPdfParser(loglevel="fatal").load(path_or_stream=path)
        count = 0
        for _, page in document.iterate_pages():
            count += 1
            for cells in (page.char_cells, page.word_cells, page.textline_cells):
                sum(len(cell.text) + cell.rect.r_x0 for cell in cells)
        return count

    return run


def _pypdfium2() -> Callable[[str], Any]:
    import pypdfium2

    def run(path: str) -> int:
        """Plain text of every page."""
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text = page.get_textpage()
            text.get_text_range()
            text.close()
            page.close()
        return len(document)

    return run


def _rapidocr() -> Callable[[str], Any]:
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def run(path: str) -> dict[str, Any]:
        started = time.process_time()
        found = engine(path)
        return {"text": "\n".join(found.txts or ()), "cpu_s": time.process_time() - started}

    return run


_ENGINES = {"pdfplumber": _pdfplumber, "docling-parse": _docling, "pypdfium2": _pypdfium2, "rapidocr": _rapidocr}


def _peak_mb() -> float:
    """Peak resident memory since the program began; ``ru_maxrss`` would count what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Run one engine over the files."""
    engine, *paths = sys.argv[1:]
    started = time.process_time()
    run = _ENGINES[engine]()
    ready = time.process_time()
    results = [run(path) for path in paths]
    report = {
        "cpu_s": time.process_time() - ready,
        "import_s": ready - started,
        "peak_mb": _peak_mb(),
        "results": results,
    }
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    # Native threads of an engine need not be waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
