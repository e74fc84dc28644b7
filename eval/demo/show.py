"""How the demo looks on a terminal: plain lines in Chinese and English, colours only where there is a terminal."""

import re
from collections.abc import Iterable
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.demo.asking import Reply
from eval.demo.company import Company, Item, User
from eval.demo.product import Product

_WIDTH: Final = 110
_PLAIN_WIDTH: Final = 100
_INDENT: Final = "   "
_BORDERS: Final = 7
#: Words with the space behind them, or single wide characters, which may stand at the start of a line.
_PARTS: Final = re.compile(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+")
_QUOTE_CHARS: Final = 160
_STAGES: Final = {
    "received": "收到 / received",
    "parse": "解析 / parsing",
    "chunk": "切分 / chunking",
    "embed": "向量化 / embedding",
    "index": "索引 / indexing",
    "publish": "发布 / publishing",
}


#: A style of rich, and plain text.
Line = tuple[str, str]


class Screen:
    """Writes the demo to standard output."""

    def __init__(self) -> None:
        own = Console(highlight=False)
        own.width = min(own.width, _WIDTH) if own.is_terminal else _PLAIN_WIDTH
        self._console = own
        self._shown: dict[str, str] = {}

    def heading(self, zh: str, en: str) -> None:
        """Begin a part."""
        self._console.print()
        self._console.rule(f"[bold]{escape(zh)} / {escape(en)}", align="left", characters="─")

    def line(self, text: str) -> None:
        """Write a line as it is."""
        self._console.print(escape(text), soft_wrap=True)

    def job(self, item: Item, job: dict[str, Any]) -> None:
        """Tell the progress of one file: a line for each stage that it enters, and one for its end."""
        if job["state"] == "queued":
            return
        progress = job["progress"]
        stage = "done" if job["state"] == "done" else "dead" if job["state"] == "dead" else job["stage"]
        if self._shown.get(item.file) == stage:
            return
        self._shown[item.file] = stage
        if stage == "done":
            self._console.print(f"  [green]✓[/] {escape(item.file):32} {escape(item.title)}", soft_wrap=True)
        elif stage == "dead":
            reason = (job["error"] or {}).get("message", "")
            self._console.print(f"  [red]✗[/] {escape(item.file):32} {escape(reason)}", soft_wrap=True)
        elif self._console.is_terminal and stage in _STAGES:
            count = f" {progress['total']} {progress['unit']}" if progress["total"] else ""
            self._console.print(f"  [dim]· {escape(item.file):32} {_STAGES[stage]}{count}[/]")

    def reply(self, number: str, product: Product, reply: Reply) -> None:
        """Show who asks, the question, the answer, and each citation as document · page · quote, or the refusal."""
        width = self._console.width - len(_INDENT)
        self._console.print()
        self._console.print(f"[bold]{number}[/] {escape(_person(reply.user))}")
        for line in _styled([("bold", f"问 Q: {reply.question.question}"), *reply_lines(product, reply)], width):
            self._console.print(_INDENT + line)

    def pair(self, number: str, product: Product, allowed: Reply, denied: Reply) -> None:
        """Show one question side by side, as asked by someone entitled and by someone who is not."""
        width = (self._console.width - _BORDERS) // 2
        table = Table(show_lines=True)
        cells = []
        for reply in (allowed, denied):
            table.add_column("\n".join(_styled([("", _person(reply.user))], width)), width=width, no_wrap=True)
            cells.append("\n".join(_styled(reply_lines(product, reply), width)))
        table.add_row(*cells)
        self._console.print()
        for line in _styled([("bold", f"{number} 问 Q: {allowed.question.question}")], self._console.width):
            self._console.print(line)
        self._console.print(table)


def reply_lines(product: Product, reply: Reply) -> list[Line]:
    """Return the lines that show an answer with its citations, or a refusal, and the verdict."""
    label = "拒 Refused" if reply.refused else "答 A"
    first, *rest = reply.text.splitlines() or [""]
    lines: list[Line] = [("", f"{label}: {first}"), *(("", f"   {line}") for line in rest)]
    for citation in reply.citations:
        quote = " ".join(citation["quote"].split())
        shown = quote if len(quote) <= _QUOTE_CHARS else quote[:_QUOTE_CHARS] + "…"
        file = product.file_of(citation["document_id"])
        lines.append(("cyan", f"[{citation['marker']}] 《{citation['document_title']}》 {file} · {locator(citation)}"))
        lines.append(("", f"   “{shown}”"))
    return [*lines, _verdict(reply)]


def wrap(text: str, width: int) -> list[str]:
    """Break a line to ``width`` terminal cells: at spaces, and between any two wide characters."""
    lines, current = [], ""
    for part in _PARTS.findall(text):
        if current.strip() and cell_len(current + part.rstrip()) > width:
            lines.append(current.rstrip())
            current = ""
        current += part if current or not lines else part.lstrip()
    return [*lines, current.rstrip()]


def _styled(lines: Iterable[Line], width: int) -> list[str]:
    """Wrap lines and put each into its style."""
    return [
        f"[{style}]{escape(part)}[/]" if style else escape(part) for style, text in lines for part in wrap(text, width)
    ]


def locator(citation: dict[str, Any]) -> str:
    """Return where a citation stands: its page, or its sheet and cells, or its heading."""
    if citation["page"] is not None:
        return f"第 {citation['page']} 页 / page {citation['page']}"
    return citation["anchor"] or " › ".join(citation["heading_path"]) or "全文 / whole text"


def _person(user: User) -> str:
    roles = f", {', '.join(user.roles)}" if user.roles else ""
    return f"{user.name} ({user.id}{roles}) · {user.title}"


def _verdict(reply: Reply) -> Line:
    if not reply.right:
        return "red", f"✗ 与预期不符 / not as expected: {reason_of(reply)}"
    if reply.refused:
        return "green", "✓ 拒答正确 / rightly refused"
    return "green", "✓ 答案与出处正确 / answer and source are right"


def reason_of(reply: Reply) -> str:
    """Return why a reply is not what it should be."""
    if reply.leaks:
        return f"leak at {reply.leaks[0].place}"
    if reply.problems:
        return reply.problems[0]
    if reply.question.expect == "refuse":
        return "answered instead of refusing"
    if reply.refused:
        return "refused instead of answering"
    return "the answer is not in the text" if reply.cited else "the right page is not cited"


def people(company: Company) -> list[str]:
    """Return a line for each person of the company."""
    return [f"  {user.id:10} {user.name} · {user.title}" for user in company.users]
