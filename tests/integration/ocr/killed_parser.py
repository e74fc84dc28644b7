"""A worker process that dies in the middle of a file: ``python killed_parser.py DATABASE_URL DATA_DIR LOG PAGES``.

It takes the next job, notes in LOG each page it has recognised, and kills itself when PAGES are done.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from ingest.parsing.reading.recognition import Engines
from ingest.parsing.service import FileParser
from ingest.pipeline import IngestHandler, Tools
from ingest.sandbox import Sandbox
from ingest.submission import INGEST
from wenyuan.db.engine import Database
from wenyuan.documents import Block, BlockKind, Box, Line
from wenyuan.jobs import JobQueue, Worker
from wenyuan.settings import IngestSettings


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


async def main(url: str, data_dir: Path, log: Path, dies_after: int) -> None:
    settings = IngestSettings()
    database = Database(url)
    parser = FileParser(Sandbox(settings), Engines(NotingReader(log, dies_after)), settings)
    queue = JobQueue(database)
    # Nothing behind the parser is reached.
    tools = Tools(parser, None, None, None)  # type: ignore[arg-type]
    await Worker(queue, {INGEST: IngestHandler(database, queue, tools, data_dir, 16)}).run_one()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
