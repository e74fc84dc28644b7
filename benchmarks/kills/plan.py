"""What is uploaded, replaced and deleted in which round, and when the server is stopped in it; all from one seed."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks.kills.texts import KINDS, Text, make_text, make_unreadable

UNREADABLE_EVERY: Final = 12
REPLACED: Final = 0.3
DELETED: Final = 0.15
BACK_TO_FIRST: Final = 0.3


class Action(StrEnum):
    """One call that the service acknowledges."""

    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One call; ``order`` counts all steps, those of one document are made in order, each after the last is settled."""

    order: int
    action: Action
    document: int
    text: Text | None


class Moment(StrEnum):
    """From when on ``Stop.delay_s`` counts."""

    READY = "ready"
    ACKNOWLEDGED = "acknowledged"
    STARTED = "started"


@dataclass(frozen=True)
class Stop:
    """How a round ends: ``graceful`` is SIGTERM, otherwise SIGKILL. ``after`` counts acknowledgements of the round."""

    moment: Moment
    delay_s: float
    after: int = 0
    graceful: bool = False


@dataclass(frozen=True)
class Round:
    """The steps of one life of the server and its end."""

    steps: tuple[Step, ...]
    stop: Stop


def make_plan(files: int, kills: int, seed: int, longest_s: float) -> list[Round]:
    """Return ``kills`` rounds that end in a kill, and one in the middle that ends gracefully.

    Of six kills about four come at a uniformly drawn time in 0..``longest_s`` after readiness, one shortly after an
    acknowledgement, one while the server starts.
    """
    rng = random.Random(seed)
    steps = _steps(rng, files)
    count = kills + 1
    stops = [_kill(rng, longest_s) for _ in range(kills)]
    stops.insert(kills // 2, Stop(Moment.READY, rng.uniform(longest_s / 4, longest_s), graceful=True))
    borders = [len(steps) * place // count for place in range(count + 1)]
    return [
        Round(tuple(steps[first:last]), stop) for first, last, stop in zip(borders, borders[1:], stops, strict=False)
    ]


def _kill(rng: random.Random, longest_s: float) -> Stop:
    moment = rng.choice((Moment.READY,) * 4 + (Moment.ACKNOWLEDGED, Moment.STARTED))
    if moment is Moment.ACKNOWLEDGED:
        return Stop(moment, rng.uniform(0, 0.05), after=rng.randint(1, 2))
    return Stop(moment, rng.uniform(0, longest_s))


def _steps(rng: random.Random, files: int) -> list[Step]:
    placed: list[tuple[float, Action, int, Text | None]] = []
    for document in range(files):
        at = document / files
        if document % UNREADABLE_EVERY == UNREADABLE_EVERY // 2:
            placed.append((at, Action.CREATE, document, make_unreadable(rng, f"file-{document}")))
            continue
        kind = KINDS[document % len(KINDS)]
        first = make_text(rng, f"file-{document}", kind)
        placed.append((at, Action.CREATE, document, first))
        if rng.random() < REPLACED:
            at = _later(rng, at)
            placed.append((at, Action.REPLACE, document, make_text(rng, f"file-{document}", kind)))
            if rng.random() < BACK_TO_FIRST:
                at = _later(rng, at)
                placed.append((at, Action.REPLACE, document, first))
        if rng.random() < DELETED:
            placed.append((_later(rng, at), Action.DELETE, document, None))
    placed.sort(key=lambda item: item[0])
    return [Step(order, *item[1:]) for order, item in enumerate(placed)]


def _later(rng: random.Random, at: float) -> float:
    """Return a place after ``at``: right after it, while the last version is on its way, or any time to the end."""
    return at + 1e-6 if rng.random() < 0.4 else rng.uniform(at, 1.0)
