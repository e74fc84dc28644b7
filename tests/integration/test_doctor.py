"""The doctor finds a lost index, and mends it from what SQL keeps."""

import shutil
from pathlib import Path

from api.doctor import examine, repair
from tests.site import EVERYONE, Site, open_site, site_settings

TEXT = "# 访客须知\n\n访客须在前台登记，并佩戴蓝色胸牌。\n"


async def answers(site: Site) -> str:
    li = await site.person(f"li{len(site._people)}")
    return str(await li.ask("访客要戴什么颜色的胸牌？"))


async def test_a_lost_index_is_found_and_written_again(tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False)
    async with open_site(settings) as site:
        await site.space("company", [EVERYONE])
        document = await site.publish("visitors.md", TEXT, "company")
        assert "蓝色" in await answers(site)
    assert await examine(settings) == []
    shutil.rmtree(settings.data_dir / "index")
    assert ["not in the index" in finding for finding in await examine(settings)] == [True]
    assert await repair(settings) == 1
    assert await examine(settings) == []
    async with open_site(settings) as site:
        assert "蓝色" in await answers(site)
    shutil.rmtree(settings.data_dir / "files" / document)
    assert ["source files" in finding for finding in await examine(settings)] == [True]
