"""A worker process that dies in the middle of a file: ``python killed_parser.py DATA_DIR LOG PAGES``.

It takes the next job, notes in LOG each page it has recognised, and kills itself when PAGES are done.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from api.bootstrap import open_database
from ingest.parsing.reading.recognition import Engines
from ingest.parsing.service import FileParser
from ingest.pipeline import IngestHandler, Tools
from ingest.sandbox import Sandbox
from ingest.submission import INGEST
from wenyuan.documents import Block, BlockKind, Box, Line
from wenyuan.jobs import JobQueue, Worker
from wenyuan.settings import IngestSettings, Settings
from wenyuan.vault.stored import StoredFiles


class NotingReader:
    """Stands for the recogniser, whose models take seconds a page: reads one line, and notes that it did."""

    def __init__(self, log: Path, dies_after: int | None = None) -> None:
        self._log = log
        self._dies_after = dies_after

    def pages(self) -> list[int]:
        """The pages recognised so far, by all processes."""
        return [int(line) for line in self._log.read_text().split()] if self._log.exists() else []

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        if self._dies_after is not None and len(self.pages()) >= self._dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        with self._log.open("a") as log:
            log.write(f"{page}\n")
        text = f"第{page}页的停车费为三百元，由行政部收取。"
        box = Box(page, 10.0, 200.0, width - 10, 240.0)
        return (Block(BlockKind.PARAGRAPH, text, (box,), confidence=0.9, lines=(Line(0, len(text), box, 0.9),)),)


async def main(data_dir: Path, log: Path, dies_after: int) -> None:
    settings = IngestSettings()
    database = open_database(Settings(data_dir=data_dir))
    parser = FileParser(
        Sandbox(settings, stored=StoredFiles(database.vault)), Engines(NotingReader(log, dies_after)), settings
    )
    queue = JobQueue(database)
    # Nothing behind the parser is reached.
    tools = Tools(parser, None, None, None)  # type: ignore[arg-type]
    await Worker(queue, {INGEST: IngestHandler(database, queue, tools, data_dir, 16)}).run_one()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
