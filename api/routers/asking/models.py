"""The models that may answer a question, as OpenAI's clients list them."""

from fastapi import APIRouter

from api.answering.models import default_model, shown_name, usable_models
from api.deps import Caller, Wired
from api.schemas.chat import ModelBody, ModelListBody
from wenyuan.chat.settings import EXTRACTIVE

router = APIRouter(prefix="/v1/models", tags=["chat"])


@router.get("")
async def list_models(services: Wired, caller: Caller) -> ModelListBody:
    """Return what a question may name as its ``model``; quoting without a model is always among them."""
    settings = services.settings.generation
    usable = await usable_models(services, caller.user_id)
    default = default_model(settings, usable)
    quoting = ModelBody(id=shown_name(EXTRACTIVE), default=default == EXTRACTIVE)
    models = [
        ModelBody(
            id=one.name,
            default=one.name == default,
            vision=one.vision,
            context_tokens=one.context_tokens,
            max_tokens=one.max_tokens,
        )
        for one in usable
    ]
    return ModelListBody(data=[*models, quoting])
