"""WeCom, DingTalk and Feishu: the kit, tokens that expire, limits of rate, pages."""

from collections.abc import Iterator

import pytest

from api.directories.factory import open_directory
from api.directories.vendors import line
from tests.contract.directories.kit import Desk, DirectoryKit
from tests.contract.directories.vendors import (
    DingTalk,
    DingTalkPlace,
    Feishu,
    FeishuPlace,
    Platform,
    VendorPlace,
    WeCom,
    WeComPlace,
    platform,
)
from wenyuan.people.errors import DirectoryUnreachable
from wenyuan.people.settings import DirectoriesSettings

PLATFORMS: list[tuple[type[Platform], type[VendorPlace]]] = [
    (WeCom, WeComPlace),
    (DingTalk, DingTalkPlace),
    (Feishu, FeishuPlace),
]


class TestVendors(DirectoryKit):
    @pytest.fixture(params=PLATFORMS, ids=lambda pair: pair[1].kind)
    def place(self, request: pytest.FixtureRequest) -> Iterator[VendorPlace]:
        with platform(*request.param) as opened:
            yield opened

    async def test_a_token_that_expired_is_replaced_once(self, desk: Desk, place: VendorPlace) -> None:
        await place.person("li", "李雷")
        settings = DirectoriesSettings.model_validate(
            {"endpoints": {"corp": place.endpoint | {"credentials": "c"}}, "credentials": {"c": place.credentials}}
        )
        source = open_directory("corp", settings)
        try:
            await source.read("")
            await source.read("")
            assert place.company.tokens == 1
            place.company.expire()
            assert len((await source.read("")).people) == 1
            assert place.company.tokens == 2
        finally:
            await source.close()

    async def test_a_limit_of_rate_is_waited_out_or_reported(
        self, desk: Desk, place: VendorPlace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(line.Line.__init__, "__defaults__", ((0.01, 0.01, 0.01),))
        await place.person("li", "李雷")
        place.company.busy = 3
        await desk.sync()
        assert list(await desk.users()) == ["li"]
        place.company.busy = 100
        await desk.sync(expected="queued", error=DirectoryUnreachable.code)

    async def test_pages_are_followed(self, desk: Desk, place: VendorPlace) -> None:
        for number in range(8):
            await place.person(f"p{number}", f"P {number}")
        await desk.sync()
        assert len(await desk.users()) == 8
