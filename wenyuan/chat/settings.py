"""Settings of answers: who answers, the models that may be asked, and what becomes of what they cannot support."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, model_validator

from wenyuan.people.settings import Section

#: Named instead of a model: nothing is asked, the documents are quoted.
EXTRACTIVE: Final = "extractive"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")

Output = Literal["auto", "json", "text"]


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """A model that may be asked: under which name, where, and within which limits."""

    name: str
    url: str
    model: str
    api_key: SecretStr | None = None
    context_tokens: int = 6000
    max_tokens: int = 800
    output: Output = "auto"
    seed: int | None = 0
    weight: float = 1
    groups: tuple[str, ...] = ()
    vision: bool = False


class ModelSettings(Section):
    """A model behind an OpenAI-compatible chat endpoint.

    ``name``: what requests call it. ``key`` names an entry of ``generation.keys``. ``output``: whether statements are
    asked for as JSON of a given schema; ``auto`` does where the endpoint takes it. ``seed`` is sent until the endpoint
    refuses it. ``weight``: how much of a budget one token takes. ``groups``: who may ask for it; everybody without.
    ``vision``: it is shown the picture that a question brings.
    """

    name: str
    url: str
    model: str
    key: str | None = None
    context_tokens: int = Field(6000, ge=256)
    max_tokens: int = Field(800, ge=1)
    output: Output = "auto"
    seed: int | None = 0
    weight: float = Field(1, gt=0, le=1000)
    groups: tuple[str, ...] = ()
    vision: bool = False


class GenerationSettings(Section):
    """``extractive`` needs no model; ``llm`` uses an OpenAI-compatible chat endpoint and falls back to extractive.

    ``url``, ``model`` and ``api_key`` are the one model of a small installation, which may see (``vision``); ``models``
    are further ones, which a request may name. ``default``: the one that is asked when nobody names one, also for
    summaries and follow-ups; else the first. ``spaces``: another default (or ``extractive``) for questions that are
    about that space alone.
    ``condense``: the model makes follow-ups whole, and rules do where it fails or takes more than ``condense_s``.
    ``refuse_below``: the probability of the evidence answering below which nothing is quoted, and that for passages
    of a space by its name in ``refuse_below_in``; without, the ones that were learned, by language.
    ``unsupported``: statements that the documents do not carry are withheld, given back to the model once within
    ``repair_s`` seconds and ``repair_tokens`` tokens an answer, or shown as what they are.
    ``plan_s``: a model that is to answer is asked for a plan over the tables of the evidence where the rules find
    none, with tables of ``plan_tokens`` tokens at most, and waited for so long; 0: never.
    """

    answerer: Literal["extractive", "llm"] = "extractive"
    refuse_below: float | None = Field(None, ge=0, le=1)
    refuse_below_in: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field({})
    url: str | None = None
    model: str | None = None
    api_key: SecretStr | None = None
    output: Output = "auto"
    vision: bool = False
    max_tokens: int = Field(800, ge=1)
    context_tokens: int = Field(6000, ge=256)
    models: tuple[ModelSettings, ...] = ()
    keys: dict[str, SecretStr] = Field({})
    default: str | None = None
    spaces: dict[str, str] = Field({})
    unsupported: Literal["withhold", "repair", "mark"] = "withhold"
    repair_s: float = Field(8, gt=0)
    repair_tokens: int = Field(3000, ge=1)
    plan_s: float = Field(6, ge=0)
    plan_tokens: int = Field(2000, ge=256)
    first_token_s: float = Field(15, gt=0)
    total_s: float = Field(120, gt=0)
    condense: bool = False
    condense_s: float = Field(3, gt=0)

    @property
    def endpoints(self) -> tuple[ChatEndpoint, ...]:
        """The models that may be asked, the default first."""
        found = [self._named(one) for one in self.models]
        if self.url and self.model:
            limits = (self.context_tokens, self.max_tokens, self.output)
            own = ChatEndpoint(self.model, self.url, self.model, self.api_key, *limits, vision=self.vision)
            found.insert(0, own)
        return tuple(sorted(found, key=lambda one: one.name != self.default))

    @property
    def writer(self) -> ChatEndpoint | None:
        """The model that is asked when nobody names one."""
        return next(iter(self.endpoints), None)

    @property
    def most_tokens(self) -> int:
        """Tokens that models may write for one answer, and read for its repairs and for plans over tables, weighed."""
        more = (self.repair_tokens if self.unsupported == "repair" else 0) + (self.plan_tokens if self.plan_s else 0)
        return max((round((one.max_tokens + more) * one.weight) for one in self.endpoints), default=self.max_tokens)

    def _named(self, one: ModelSettings) -> ChatEndpoint:
        given = one.model_dump(exclude={"key"})
        return ChatEndpoint(**given, api_key=None if one.key is None else self.keys[one.key])

    @model_validator(mode="after")
    def _names_exist(self) -> "GenerationSettings":
        for one in self.models:
            if not _NAME.fullmatch(one.name) or one.name == EXTRACTIVE or one.name.startswith("wenyuan"):
                raise ValueError(f"generation.models: {one.name} is no name for a model")
            if not one.url.startswith(("https://", "http://")):
                raise ValueError(f"generation.models: the url of {one.name} needs http:// or https://")
            if one.key is not None and one.key not in self.keys:
                raise ValueError(f"generation.models: the key of {one.name} names no entry of generation.keys")
        names = [one.name for one in self.endpoints]
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise ValueError(f"generation.models: two models are called {twice[0]}")
        if self.default is not None and self.default not in names:
            raise ValueError("generation.default names no model")
        if wrong := [name for name in self.spaces.values() if name not in {*names, EXTRACTIVE}]:
            raise ValueError(f"generation.spaces: {wrong[0]} names no model")
        return self

    @model_validator(mode="after")
    def _llm_needs_endpoint(self) -> "GenerationSettings":
        for needs, said in ((self.answerer == "llm", "answerer = llm"), (self.condense, "condense")):
            if needs and not self.endpoints:
                raise ValueError(f"generation.{said} needs generation.url and generation.model, or generation.models")
        return self
