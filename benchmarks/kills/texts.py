"""Files to upload: Chinese and English texts of one to about twenty chunks, the same for the same seed."""

import csv
import hashlib
import html
import io
import random
from dataclasses import dataclass
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

KINDS: Final = ("md", "txt", "csv", "html", "md", "txt", "pdf")
_ONSETS: Final = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")
_VOWELS: Final = ("a", "e", "i", "o", "u")

_ZH: Final = {
    "who": ("设备管理科", "采购部", "生产车间", "质量检验组", "仓储中心", "信息安全办公室", "财务部", "售后服务站"),
    "what": (
        "断路器的机械寿命",
        "供应商准入资料",
        "班前安全交底",
        "来料抽样比例",
        "库存周转天数",
        "账号权限",
        "差旅票据",
    ),
    "rule": ("每季度复核一次", "由两人共同签字确认", "在三个工作日内归档", "超过限值时立即停机", "按批次留样保存"),
    "why": ("避免误操作", "满足审计要求", "缩短交付周期", "减少返修", "保证数据可追溯"),
}
_EN: Final = {
    "who": ("The maintenance team", "Procurement", "The night shift", "Quality control", "The warehouse", "Finance"),
    "what": ("the breaker wear log", "supplier certificates", "the torque settings", "sampling plans", "stock counts"),
    "rule": ("reviews it every quarter", "signs it off in pairs", "files it within three days", "keeps a copy by lot"),
    "why": ("to avoid mistakes", "to satisfy the auditors", "to shorten delivery", "to keep results traceable"),
}


@dataclass(frozen=True)
class Text:
    """A file, a word that stands in it and in no other, and a passage of it that holds the word."""

    filename: str
    content: bytes
    word: str
    passage: str
    readable: bool = True

    @property
    def sha256(self) -> str:
        """Return the hash that the service files it under."""
        return hashlib.sha256(self.content).hexdigest()


def make_text(rng: random.Random, name: str, kind: str) -> Text:
    """Return a file of ``kind`` (md, txt, csv, html, pdf) of random length and language."""
    word = _word(rng)
    chinese = rng.random() < 0.6
    project = f"{word} 项目：" if chinese else f"Project {word}: "
    count = rng.choice((1, 2, 3, 4, 6, 9, 14, 20))
    paragraphs = [project + _paragraph(rng, chinese=chinese) for _ in range(count)]
    title = f"{word} 项目管理规定" if chinese else f"Rules for project {word}"
    return Text(f"{name}.{kind}", _WRITERS[kind](title, paragraphs), word, rng.choice(paragraphs))


def make_unreadable(rng: random.Random, name: str) -> Text:
    """Return a PDF that is accepted and then fails for a reason: no text on its page, or cut in the middle."""
    content = _pdf("", [])
    if rng.random() < 0.5:
        content = _pdf("cut", ["nothing of this can be read"])[:400]
    # A comment behind the end makes the bytes of this file its own.
    return Text(f"{name}.pdf", content + f"\n%{name}\n".encode(), _word(rng), "", readable=False)


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(6)).capitalize()


def _paragraph(rng: random.Random, *, chinese: bool) -> str:
    """Return about 150 to 250 tokens."""
    words = _ZH if chinese else _EN
    sentences = []
    for _ in range(rng.randint(6, 9)):
        who, what, rule, why = (rng.choice(words[part]) for part in ("who", "what", "rule", "why"))
        number = rng.randint(2, 980)
        if chinese:
            sentences.append(f"{who}负责{what}，{rule}，目标值为{number}，以{why}。")
        else:
            sentences.append(f"{who} looks after {what} and {rule}, with a target of {number}, {why}. ")
    return "".join(sentences)


def _markdown(title: str, paragraphs: list[str]) -> bytes:
    parts = [f"# {title}"]
    for number, paragraph in enumerate(paragraphs, start=1):
        parts += [f"## {number}. {paragraph[-24:-8].strip()}", paragraph]
    return "\n\n".join(parts).encode()


def _plain(title: str, paragraphs: list[str]) -> bytes:
    return "\n\n".join((title, *paragraphs)).encode()


def _table(title: str, paragraphs: list[str]) -> bytes:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("序号 No.", "主题 topic", "内容 text"))
    writer.writerows((number, title, paragraph) for number, paragraph in enumerate(paragraphs, start=1))
    return sheet.getvalue().encode()


def _page(title: str, paragraphs: list[str]) -> bytes:
    body = "".join(f"<h2>{number}</h2><p>{html.escape(text)}</p>" for number, text in enumerate(paragraphs, start=1))
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()
    )


def _pdf(title: str, paragraphs: list[str]) -> bytes:
    font, size, width = "STSong-Light", 11, 44
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    lines = [title]
    for paragraph in paragraphs:
        lines += [paragraph[start : start + width] for start in range(0, len(paragraph), width)] + [""]
    for start in range(0, len(lines), 40):
        canvas.setFont(font, size)
        for row, line in enumerate(lines[start : start + 40]):
            canvas.drawString(56, 780 - row * 18, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


_WRITERS: Final = {"md": _markdown, "txt": _plain, "csv": _table, "html": _page, "pdf": _pdf}
