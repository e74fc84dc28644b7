"""Which model answers: the one a request names, that of its space, or the default; and which ones somebody may name."""

from collections.abc import Sequence
from typing import Final

from api.answering.errors import ModelUnknown
from api.services import Services
from wenyuan.access import Principal
from wenyuan.answers import Answerer
from wenyuan.chat.settings import EXTRACTIVE, ChatEndpoint, GenerationSettings
from wenyuan.db.access.directory import groups_of
from wenyuan.text import one_line
from wenyuan.words.filters import Condition, FilterField

_PREFIX: Final = "wenyuan"
#: What clients of other services have to send leaves the choice to this one.
_ANY: Final = (_PREFIX, f"{_PREFIX}-{Answerer.LLM}")


def shown_name(model: str) -> str:
    """Return the name of a model as answers carry it."""
    return f"{_PREFIX}-{EXTRACTIVE}" if model == EXTRACTIVE else model


def answerer_of(model: str) -> Answerer:
    """Return which answerer a choice asks for."""
    return Answerer.EXTRACTIVE if model == EXTRACTIVE else Answerer.LLM


async def usable_models(services: Services, user_id: str) -> list[ChatEndpoint]:
    """Return the models that somebody may name, and that their questions may be put to, the default first."""
    endpoints = services.settings.generation.endpoints
    if not any(one.groups for one in endpoints):
        return list(endpoints)
    async with services.database.read() as tx:
        groups = set(await groups_of(tx, user_id))
    return [one for one in endpoints if not one.groups or groups & set(one.groups)]


def sees_pictures(services: Services, model: str) -> bool:
    """Return whether the model of that name is shown what a question brings to see."""
    return any(one.name == model and one.vision for one in services.settings.generation.endpoints)


async def may_be_seen(services: Services, caller: Principal, named: str | None) -> bool:
    """Return whether a model that sees may come to answer a request; ``named``: the one that it names."""
    usable = await usable_models(services, caller.user_id)
    return any(one.vision for one in usable if named in (None, *_ANY, one.name))


async def chosen_model(
    services: Services, caller: Principal, named: str | None, conditions: Sequence[Condition]
) -> str:
    """Return the model that answers a request, ``extractive`` for none; raises ``ModelUnknown``.

    ``named``: by the request; ``conditions`` tell whether it is about one space alone. What the settings choose for
    somebody who may not name it is left to quoting.
    """
    settings = services.settings.generation
    usable = await usable_models(services, caller.user_id)
    if named is None or named in _ANY:
        spaces = {one.value for one in conditions if one.field is FilterField.SPACE and not one.negated}
        own = settings.spaces.get(next(iter(spaces))) if len(spaces) == 1 else None
        return default_model(settings, usable, own, asked=named == _ANY[1])
    name = EXTRACTIVE if named == shown_name(EXTRACTIVE) else named
    if name != EXTRACTIVE and name not in {one.name for one in usable}:
        raise ModelUnknown(model=one_line(name))
    return name


def default_model(
    settings: GenerationSettings, usable: Sequence[ChatEndpoint], own: str | None = None, *, asked: bool = False
) -> str:
    """Return the model of requests that name none: ``own`` where that may be used, else that of the settings.

    ``asked``: any model is to answer, also where the settings prefer none.
    """
    if own is None:
        own = settings.writer.name if settings.writer and (asked or settings.answerer == "llm") else EXTRACTIVE
    return own if own in {one.name for one in usable} else EXTRACTIVE
