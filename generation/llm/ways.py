"""What an endpoint is asked for beyond text, and what it turned out to refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from generation.prompts import Message
from wenyuan.chat.settings import ChatEndpoint

#: Answers of an endpoint that does not know an option of the request.
REFUSALS: Final = frozenset({400, 415, 422, 501})


@dataclass(frozen=True, slots=True)
class Shaped:
    """The messages that ask for JSON, and the schema it has to follow."""

    messages: Sequence[Message]
    schema: Mapping[str, Any]

    @property
    def response_format(self) -> dict[str, Any]:
        """The option of the OpenAI protocol."""
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(self.schema)}}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask: with a schema or without, with a seed or without."""

    shaped: bool
    seeded: bool


class Ways:
    """The ways to ask one endpoint, the best first. A way is given up once a lesser one has worked in its place."""

    def __init__(self, endpoint: ChatEndpoint) -> None:
        self._output = endpoint.output
        self._seed = endpoint.seed is not None
        self._refused: set[Way] = set()

    def open(self, *, shaped: bool) -> tuple[Way, ...]:
        """Return the ways that are worth a try; at least one."""
        if not shaped or self._output == "text":
            shapes: tuple[bool, ...] = (False,)
        else:
            shapes = (True,) if self._output == "json" else (True, False)
        seeds = (True, False) if self._seed else (False,)
        every = [Way(shape, seed) for shape in shapes for seed in seeds]
        return tuple(way for way in every if way not in self._refused) or (every[-1],)

    def learn(self, tried: Sequence[Way], worked: Way) -> None:
        """Remember that ``tried`` were refused where ``worked`` was not: it was they, not the request."""
        self._refused |= {way for way in tried if way != worked}
