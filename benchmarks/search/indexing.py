"""How fast text becomes searchable: passages of 500 Chinese characters a second, from the upload to publication.

``python -m benchmarks.search.indexing [--passages 400] [--models DIR]``. One text file goes through the real server:
parser, chunker, embedder, enrichment, index, publication. The embedder alone takes the same passages before and
afterwards in this process, so that the share of everything else shows on a busy machine as well. Bar on an idle machine
with two cores: 20 passages a second. Exit code 1 when it fails.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx

from benchmarks.embedding import CHARACTERS, passages
from benchmarks.ingest_folder import outcome
from benchmarks.server import Server
from wenyuan.machine import calibration_ms, machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder
from wenyuan.settings import EmbeddingSettings

PER_SECOND: Final = 20.0
#: Passages that the embedder takes alone, before and after the upload.
_ALONE: Final = 64


async def published(texts: Sequence[str], models: Path) -> float:
    """Upload the passages as one file to a server of its own; return the seconds until it was published."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file, warm = folder / "passages.txt", folder / "warm.txt"
        await asyncio.to_thread(file.write_text, "\n\n".join(texts), encoding="utf-8")
        await asyncio.to_thread(warm.write_text, "预热：第一份文件还要等词表读入。", encoding="utf-8")
        server = Server(folder / "site", models)
        token = (await server.command("init"))[1].splitlines()[-1]
        await server.start()
        try:
            await server.ready()
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as http:
                space = {"name": "all", "readers": [{"kind": "everyone"}]}
                (await http.post("/v1/spaces", json=space)).raise_for_status()
                await outcome(http, warm)
                start = time.perf_counter()
                state, detail = await outcome(http, file)
                seconds = time.perf_counter() - start
        finally:
            await server.close()
    if state != "published":
        raise SystemExit(f"{state}: {detail}")
    print(f"published in {seconds:.1f} s: {detail}")
    return seconds


def alone(embedder: Embedder, texts: Sequence[str]) -> float:
    """Return passages a second of the embedder."""
    start = time.perf_counter()
    embedder.embed_passages(texts)
    return len(texts) / (time.perf_counter() - start)


def main() -> int:
    """Run the benchmark; return 0 when the bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search.indexing", description=__doc__)
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    chosen = parser.parse_args()
    print(machine_line(), flush=True)
    texts = passages(chosen.passages)
    embedder = open_embedder(EmbeddingSettings(), chosen.models)
    before = alone(embedder, texts[:_ALONE])
    rate = len(texts) / asyncio.run(published(texts, chosen.models.resolve()))
    engine = statistics.fmean((before, alone(embedder, texts[-_ALONE:])))
    embedder.close()
    print(f"{rate:.1f} passages/s of {CHARACTERS} characters; embedder alone {engine:.1f}, share {rate / engine:.2f}")
    print(f"calibration loop afterwards: {calibration_ms()} ms")
    print("the bar holds" if rate >= PER_SECOND else f"FAILED: below {PER_SECOND:g} passages/s")
    return 0 if rate >= PER_SECOND else 1


if __name__ == "__main__":
    sys.exit(main())
