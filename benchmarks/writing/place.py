"""A small company with documents for all and documents for few, in the real application of this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.site import EVERYONE, Person, Site, open_site, site_settings, user
from wenyuan.access import AccessScope
from wenyuan.answers import Packed
from wenyuan.chat.settings import GenerationSettings
from wenyuan.ports import Packing

HIDDEN: Final = (
    "董事会同意以 3.7 亿元收购澄江智配 67% 的股权。",
    "总经理年薪为 218 万元。",
    "The board approved the layoff of 140 people in Lanzhou.",
    "法务部已就 ZX-9041 号合同提起仲裁。",
)
_OPEN: Final = {
    "差旅制度.md": "# 差旅\n\n自驾出差按每公里 0.9 元包干报销。过路费凭票另行报销。\n\n"
    "一线城市住宿费上限为每人每晚 600 元，其他城市为 450 元。\n",
    "假期制度.md": "# 假期\n\n工作满一年的员工，年休假为 5 天。工作满十年的，年休假为 10 天。\n\n"
    "婚假为 15 天。产假为 158 天。\n",
    "手册.md": "# 断路器\n\n断路器的绝缘电阻不得低于 1000 兆欧，每年检测一次。\n\n"
    "额定电压为 12 kV，额定电流为 1250 A。\n",
    "handbook.md": "# Remote work\n\nRemote work is limited to 8 days a month. It needs the approval of the manager."
    "\n\nLaptops are replaced every 4 years. Passwords have at least 14 characters.\n",
}
QUESTIONS: Final = (
    "自驾出差每公里报销多少？",
    "年休假有几天？",
    "断路器的绝缘电阻不得低于多少？",
    "一线城市的住宿费上限是多少？",
    "How many days of remote work are allowed?",
    "婚假有几天？",
    "董事会同意了什么收购？",
    "What is the minimum length of passwords?",
)


@dataclass
class Noting:
    """The packer, with a note of what it gave last."""

    inner: Packing
    last: list[Packed] = field(default_factory=list)

    async def pack(self, scope: AccessScope, question: str) -> Packed:
        """Pack and note."""
        packed = await self.inner.pack(scope, question)
        self.last = [packed]
        return packed


@dataclass(frozen=True)
class Place:
    """The site, somebody who may read the open documents, and the ids of those."""

    site: Site
    clerk: Person
    open_documents: frozenset[str]
    packer: Noting


@contextlib.asynccontextmanager
async def open_place(folder: Path, generation: GenerationSettings) -> AsyncIterator[Place]:
    """Open the company in a folder: an empty one, or one in which it was opened before."""
    async with open_site(site_settings(folder, generation, ocr=False)) as site:
        clerk = await site.person("clerk")
        await site.person("chair")
        known = await _open_documents(site) or await _found(site)
        packer = Noting(site.services.packer)
        object.__setattr__(site.services, "packer", packer)
        yield Place(site, clerk, known, packer)


async def _found(site: Site) -> frozenset[str]:
    await site.space("company", [EVERYONE])
    await site.space("board", [user("chair")])
    hidden = {f"board-{number}.md": f"# 纪要 {number}\n\n{text}\n" for number, text in enumerate(HIDDEN)}
    placed = {"company": _OPEN, "board": hidden}
    await asyncio.gather(
        *(site.publish(name, text, space) for space, texts in placed.items() for name, text in texts.items())
    )
    return await _open_documents(site)


async def _open_documents(site: Site) -> frozenset[str]:
    """Return the ids of the documents in the space that everybody reads; none where there is no such space yet."""
    admin = await site.administrator()
    response = await admin.http.get("/v1/documents?space=company&limit=100")
    return frozenset(one["id"] for one in response.json()["items"]) if response.is_success else frozenset()


def texts_of(body: dict[str, Any]) -> Sequence[str]:
    """Return all that an answer shows and that a model could have had a hand in."""
    said = body["choices"][0]["message"]["content"]
    return [said, *(stated["text"] for stated in body["statements"]), *body["notices"]]
