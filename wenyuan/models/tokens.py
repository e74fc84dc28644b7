"""Tokenizers in memory: one for each content, however many models cut their texts with it."""

import hashlib
import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from wenyuan.models.errors import ModelDamaged

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from wenyuan.models.manifest import ModelFolder

_loading = threading.Lock()
_held: "WeakValueDictionary[bytes, Tokenizer]" = WeakValueDictionary()


def load_tokenizer(folder: "ModelFolder") -> "Tokenizer":
    """Return the tokenizer of a model, which neither cuts nor pads; raises `ModelDamaged`. Blocking.

    A vocabulary of 250,000 pieces takes most of a second to load and 240 MB to hold, and a model made from another one
    has the same: who asks for a content that is in use gets what is held. Nobody may change it. Safe to use from
    several threads.
    """
    content = folder.tokenizer.read_bytes()
    key = hashlib.sha256(content).digest()
    with _loading:
        tokenizer = _held.get(key)
        if tokenizer is None:
            tokenizer = _held[key] = _read(folder, content)
    return tokenizer


def _read(folder: "ModelFolder", content: bytes) -> "Tokenizer":
    from tokenizers import Tokenizer

    try:
        tokenizer: Tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises bare Exception for a bad file
        raise ModelDamaged(model=folder.path.name, file=folder.manifest.tokenizer, detail=str(error)) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
