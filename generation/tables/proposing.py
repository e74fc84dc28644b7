"""Plans that a language model proposes: tables shown as data within a budget, one call, the answer read as a plan."""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import structlog
import yaml

from generation.llm.chat import ChatModel
from generation.llm.ways import Shaped
from generation.prompts import Message, as_material
from generation.tables.plans.plan import PLAN_SCHEMA, Plan, read_plan
from generation.tables.reading.asking import Asked
from generation.tables.reading.mentions import title_places
from generation.tables.reading.relation import Line, Relation
from wenyuan.answers import Evidence
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail, item_of
from wenyuan.chat.settings import GenerationSettings
from wenyuan.errors import EndpointError
from wenyuan.settings import CONFIGS
from wenyuan.text import detect_language, estimate_tokens, squeeze

log = structlog.get_logger(__name__)

#: Tables that one prompt shows.
_MOST: Final = 3
#: A question is about a table that has this share of its words in its heads and rows.
_ABOUT: Final = 0.4
_WRITTEN: Final = 400
_CHARS: Final = 4_000
_CELL: Final = 80
_TITLES: Final = 3
_OBJECT: Final = re.compile(r"\{.*\}", re.DOTALL)
_YEAR: Final = re.compile(r"(?:19|20)\d\d|q[1-4]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a model is given it: the relation, the passages it stands in, its text; ``whole`` with all rows."""

    relation: Relation
    passages: tuple[Evidence, ...]
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that fits the tables given, and the passages that were shown for it."""

    plan: Plan
    shown: tuple[str, ...]


class Proposer:
    """Asks one model, once a question. ``took`` is told how many tokens were sent and written, weighed."""

    def __init__(
        self, chat: ChatModel, settings: GenerationSettings, trail: Trail, took: Callable[[int], None]
    ) -> None:
        self._chat = chat
        self._seconds = settings.plan_s
        self._tokens = settings.plan_tokens
        self._trail = trail
        self._took = took

    @property
    def model(self) -> str:
        """The name of the model that is asked."""
        return self._chat.given.name

    @property
    def version(self) -> str:
        """The version of the prompt."""
        return prompt_version()

    async def propose(self, asked: Asked, tables: Sequence[tuple[Relation, tuple[Evidence, ...]]]) -> Proposal | None:
        """Return the plan that a model proposes, None where it has none that fits, fails or takes too long.

        What it is given is recorded before it is sent; raises ``AuditUnavailable``.
        """
        template = _templates()[detect_language(asked.text)]
        room = min(self._tokens, self._chat.given.context_tokens) - estimate_tokens(template["system"] + asked.text)
        shown = await asyncio.to_thread(show_tables, asked, tables, room)
        if not shown:
            return None
        passages = list({piece.chunk_id: piece for one in shown for piece in one.passages}.values())
        self._trail.note(Action.MODEL, [item_of(piece) for piece in passages], self._chat.endpoint)
        await self._trail.settle()
        user = template["user"].replace("{tables}", "\n".join(one.text for one in shown))
        user = user.replace("{question}", as_material(squeeze(asked.text)))
        answer = await self._written([Message("system", template["system"]), Message("user", user)])
        plan = read_proposal(answer, asked, shown)
        if plan is None:
            return None
        number = next(i for i, (relation, _) in enumerate(tables) if relation is shown[plan.table].relation)
        return Proposal(replace(plan, table=number), tuple(piece.chunk_id for piece in passages))

    async def _written(self, messages: Sequence[Message]) -> str:
        weight = self._chat.given.weight
        self._took(round(sum(estimate_tokens(message.content) for message in messages) * weight))
        answer = ""
        await self._chat.prepare()
        try:
            async with asyncio.timeout(self._seconds):
                async with aclosing(self._chat.stream(messages, Shaped(messages, PLAN_SCHEMA), _WRITTEN)) as deltas:
                    async for delta in deltas:
                        answer += delta
                        if len(answer) > _CHARS:
                            break
        except (EndpointError, TimeoutError) as error:
            log.warning("table_plan.failed", endpoint=self._chat.endpoint, error=type(error).__name__)
            return ""
        finally:
            self._took(round(estimate_tokens(answer) * weight))
        return answer if len(answer) <= _CHARS else ""


def read_proposal(answer: str, asked: Asked, shown: Sequence[Shown]) -> Plan | None:
    """Return what a model wrote where it is a plan that fits what it was shown and what the question names."""
    written = _OBJECT.search(answer)
    plan = None if written is None else read_plan(written[0], [one.relation for one in shown])
    if plan is None:
        return None
    table = shown[plan.table]
    if not plan.named and not table.whole:
        return None  # of rows that it was not shown it can say nothing
    return plan if agrees(plan, table.relation, asked) else None


def agrees(plan: Plan, relation: Relation, asked: Asked) -> bool:
    """Whether the cells of a plan are of the years and quarters that the question names, and of something else it says.

    A span of time that stands nowhere in the table's heads and rows has to stand in its titles.
    """
    places = title_places(asked, _labels(plan, relation))
    if not asked.weight(places - asked.soft):
        return False
    titles = title_places(asked, relation.titles)
    return all(
        place in places or place in titles for place, word in enumerate(asked.words) if _YEAR.fullmatch(word.text)
    )


def _labels(plan: Plan, relation: Relation) -> list[str]:
    """Return the labels of all that a plan touches: rows, their groups, the heads over its cells."""
    cells = list(plan.named)
    if not cells:
        across = [one for one in (plan.measure, plan.show) if one is not None]
        rows, columns = (plan.lines, across) if plan.along == "rows" else (across, plan.lines)
        cells = [(row, column) for row in rows for column in columns or range(relation.table.columns)]
    named: dict[str, None] = {}
    for row, column in cells:
        line = next((one for one in relation.rows if one.index == row), Line(row, ()))
        named |= dict.fromkeys((*line.path, line.group, *relation.heads(row, column)))
    return list(named)


def show_tables(asked: Asked, tables: Sequence[tuple[Relation, tuple[Evidence, ...]]], room: int) -> list[Shown]:
    """Return the tables that the question is about, as a model is shown them, within so many tokens."""
    known = [(_about(asked, relation), number) for number, (relation, _) in enumerate(tables)]
    best = sorted((one for one in known if one[0] >= _ABOUT), key=lambda one: (-one[0], one[1]))[:_MOST]
    found: list[Shown] = []
    for _, number in best:
        relation, passages = tables[number]
        text, whole = _text(asked, relation, len(found), room)
        if not text:
            break
        room -= estimate_tokens(text)
        found.append(Shown(relation, passages, text, whole))
    return found


def _about(asked: Asked, relation: Relation) -> float:
    """Return which share of what the question says stands in the heads and rows of a table."""
    telling = frozenset(range(len(asked.words))) - asked.soft
    whole = asked.weight(telling)
    texts = [text for line in (*relation.columns, *relation.rows) for text in (*line.path, line.group)]
    return asked.weight(title_places(asked, texts) & telling) / whole if whole and relation.numeric else 0.0


def _text(asked: Asked, relation: Relation, number: int, room: int) -> tuple[str, bool]:
    """Return a table as text, and whether with all rows: without room for all of them, those that the question names.

    Empty where nothing of it finds room.
    """
    titles = " / ".join(dict.fromkeys(_cut(title) for title in relation.titles[-_TITLES:] if title))
    heads = [
        f"[{line.index}] {_cut(' > '.join(line.path)) or '-'} ({_kind(relation, line.index)})"
        for line in relation.columns
    ]
    opened = [f'<evidence id="{number}">', as_material(titles), as_material(" | ".join(heads))]
    left = room - sum(map(estimate_tokens, opened)) - 8
    rows = {row.index: as_material(_row(relation, row)) for row in relation.rows}
    order = list(rows)
    if sum(map(estimate_tokens, rows.values())) > left:
        order.sort(key=lambda row: -asked.weight(title_places(asked, relation.row(row).path)))
    kept = []
    for row in order:
        left -= estimate_tokens(rows[row]) + 1
        if left < 0:
            break
        kept.append(row)
    lines = [*opened, *(rows[row] for row in sorted(kept)), "</evidence>"]
    return ("\n".join(lines) if kept else ""), len(kept) == len(rows)


def _kind(relation: Relation, column: int) -> str:
    if column not in relation.numeric:
        return "text"
    units = {relation.at(row.index, column).unit for row in relation.rows} - {""}
    return f"number, {next(iter(units))}" if len(units) == 1 else "number"


def _row(relation: Relation, row: Line) -> str:
    group = f"({_cut(row.group)}) " if row.group and row.group not in row.path else ""
    return f"[{row.index}] {group}" + " | ".join(_cut(place.text) for place in relation.grid[row.index])


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _CELL else f"{flat[:_CELL]}…"


def prompt_version() -> str:
    """Return the version of the prompt."""
    version: str = _templates()["version"]
    return version


@lru_cache(maxsize=1)
def _templates() -> dict[str, Any]:
    """Return the version, and system and user text by language."""
    loaded: dict[str, Any] = yaml.safe_load((CONFIGS / "prompts" / "tables.yaml").read_text(encoding="utf-8"))
    return loaded
