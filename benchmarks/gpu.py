"""Whether the models take a GPU here, and whether it gives what the processor gives: ``make gpu-check``.

``python -m benchmarks.gpu [--models-dir DIR]``. Embedding and recognition run once on the processor and once on the
GPU: vectors must have a cosine of at least 0.999, lines the same text and corners within 2 pixels. The offline reranker
is a linear model of a few numbers and runs on no device; one behind an endpoint has its own. Exit code 0: all the same;
1: something differs; 3: the installed runtime has no CUDA provider (install the extra ``gpu`` in place of ``cpu``);
4: it has one, which does not start (driver, CUDA or cuDNN libraries).
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from ingest.ocr.models import find_ocr_models
from ingest.ocr.paddle import Engine, RawLine
from wenyuan.machine import machine_line
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.sessions import Provider, best_provider
from wenyuan.models.store import resolve
from wenyuan.ports import Vectors
from wenyuan.settings import EmbeddingSettings

SAME, DIFFERENT, NO_PROVIDER, NO_GPU = 0, 1, 3, 4
LEAST_COSINE: Final = 0.999
MOST_PIXELS: Final = 2.0
TEXTS: Final = (
    "年假有几天",
    "员工累计工作已满一年不满十年的，年休假五天。",
    "Travel expenses are reimbursed within 30 days.",
    "GB/T 3620.1-2016 钛及钛合金牌号和化学成分 " * 40,
)
_LINES: Final = ("Invoice 2024-0315", "Total amount 12,480.50", "Payment within 30 days")


def verdict(provider: Provider, embedder: Provider) -> tuple[int, str]:
    """Return the exit code and what to say, by what the runtime has and what a session on the GPU was given."""
    if provider == "cpu":
        return NO_PROVIDER, "no GPU: the installed onnxruntime has no CUDA provider; install the extra gpu, not cpu"
    if embedder == "cpu":
        return NO_GPU, "no GPU: the CUDA provider does not start; look for the driver and the CUDA and cuDNN libraries"
    return SAME, "CUDA: embedding and recognition are compared with the processor"


def unlike_vectors(one: Vectors, other: Vectors) -> list[str]:
    """Return what differs between vectors (n, dimension) of length one."""
    cosines = np.sum(one * other, axis=1)
    return [f"text {place}: cosine {cosine:.5f}" for place, cosine in enumerate(cosines) if cosine < LEAST_COSINE]


def unlike_lines(one: Sequence[RawLine], other: Sequence[RawLine]) -> list[str]:
    """Return what differs between lines that were read; nothing read is a difference as well."""
    if not one and not other:
        return ["no line was read"]
    if [text for _, text, _ in one] != [text for _, text, _ in other]:
        return [f"texts {[text for _, text, _ in one]} and {[text for _, text, _ in other]}"]
    moved = [float(np.abs(np.array(a[0]) - np.array(b[0])).max()) for a, b in zip(one, other, strict=True)]
    return [f"line {place} moved by {far:.1f} pixels" for place, far in enumerate(moved) if far > MOST_PIXELS]


def page() -> Any:
    """Return a small page (height, width, 3) with lines of text, BGR."""
    image = Image.new("RGB", (640, 200), "white")
    drawn = ImageDraw.Draw(image)
    for number, text in enumerate(_LINES):
        drawn.text((30, 20 + 55 * number), text, fill="black", font_size=32)
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def timed(name: str, device: str, call: Any) -> Any:
    """Return what a second call gives and print its milliseconds: the first one warms up."""
    call()
    start = time.perf_counter()
    found = call()
    print(f"{name}, {device}: {1000 * (time.perf_counter() - start):.1f} ms")
    return found


def compare(models: Path) -> list[str]:
    """Return what differs between processor and GPU."""
    folder, ocr, pixels = resolve(EmbeddingSettings().model, models), find_ocr_models(models), page()
    vectors, lines = [], []
    sides: tuple[tuple[Provider, str], ...] = (("cpu", "cpu"), ("cuda", "gpu:0"))
    for provider, device in sides:
        embedder = OnnxEmbedder(folder, provider=provider)
        vectors.append(timed("embedding", device, lambda embedder=embedder: embedder.embed_passages(TEXTS)))
        embedder.close()
        engine = Engine(ocr.detection, ocr.recognition, 2, device)
        lines.append(timed("recognition", device, lambda engine=engine: engine.lines(pixels)))
    return unlike_vectors(*vectors) + unlike_lines(*lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the check and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    models = parser.parse_args(argv).models_dir
    print(machine_line())
    provider = got = best_provider()
    if provider == "cuda":
        embedder = OnnxEmbedder(resolve(EmbeddingSettings().model, models), provider=provider)
        got = embedder.provider
        embedder.close()
    code, said = verdict(provider, got)
    print(said)
    if code == SAME and (unlike := compare(models)):
        print("\n".join(unlike))
        return DIFFERENT
    return code


if __name__ == "__main__":
    sys.exit(main())
