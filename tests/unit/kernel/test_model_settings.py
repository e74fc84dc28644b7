"""Models in the settings: the single one of old, several with names, and mixtures that are refused with a sentence."""

import pytest
from pydantic import SecretStr, ValidationError

from wenyuan.chat.settings import GenerationSettings, ModelSettings
from wenyuan.errors import SettingsError
from wenyuan.settings import Settings, load_settings, refuse_secrets

ONE = ModelSettings(name="qwen", url="http://127.0.0.1:1/v1", model="qwen3", context_tokens=9000, max_tokens=500)


def test_the_single_model_of_old_is_called_by_its_own_name() -> None:
    given = GenerationSettings(answerer="llm", url="http://x/v1", model="m", api_key=SecretStr("k"), max_tokens=300)
    (one,) = given.endpoints
    assert (one.name, one.url, one.max_tokens, given.writer) == ("m", "http://x/v1", 300, one)
    assert given.most_tokens == 300 + given.plan_tokens


def test_the_default_comes_first_and_the_largest_counts() -> None:
    two = ONE.model_copy(update={"name": "glm", "weight": 3.0, "max_tokens": 400})
    given = GenerationSettings(models=(ONE, two), default="glm", unsupported="repair", repair_tokens=1000, plan_s=0)
    assert [one.name for one in given.endpoints] == ["glm", "qwen"]
    assert given.most_tokens == 3 * (400 + 1000)
    settings = Settings(generation=GenerationSettings(answerer="llm", models=(ONE, two)))
    assert settings.packing_tokens == 8000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"models": (ONE, ONE)}, "two models are called qwen"),
        ({"models": (ONE.model_copy(update={"key": "k"}),)}, "names no entry of generation.keys"),
        ({"models": (ONE.model_copy(update={"name": "wenyuan-x"}),)}, "is no name for a model"),
        ({"models": (ONE.model_copy(update={"name": "a b"}),)}, "is no name for a model"),
        ({"models": (ONE.model_copy(update={"url": "file:///x"}),)}, "needs http:// or https://"),
        ({"models": (ONE,), "default": "gpt"}, "default names no model"),
        ({"models": (ONE,), "spaces": {"law": "gpt"}}, "spaces: gpt names no model"),
        ({"answerer": "llm"}, "answerer = llm needs"),
        ({"condense": True}, "condense needs"),
    ],
)
def test_wrong_mixtures_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GenerationSettings(**change)


def test_keys_come_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"generation\.keys is a secret"):
        refuse_secrets({"generation": {"keys": {"qwen": "sk-1"}}})
    monkeypatch.setenv("WENYUAN_GENERATION__KEYS__QWEN", "sk-canary")
    monkeypatch.setenv("WENYUAN_GENERATION__MODELS", f"[{ONE.model_copy(update={'key': 'qwen'}).model_dump_json()}]")
    (one,) = load_settings().generation.endpoints
    assert one.api_key is not None
    assert one.api_key.get_secret_value() == "sk-canary"
    assert "sk-canary" not in repr(load_settings())
