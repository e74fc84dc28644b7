"""A restore brings back no right that was taken away between the backup of the data and that of the keys."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.security.sniffer import plant
from tests.site import EVERYONE, open_site, site_settings
from wenyuan.db.backup.archive import Secret
from wenyuan.db.backup.errors import BackupRefused
from wenyuan.db.backup.restoring import Restored, restore
from wenyuan.db.backup.taking import back_up_data, back_up_keys
from wenyuan.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = Secret(os.urandom(32), is_key=True)
NAMES = ("open", "team", "narrowed", "moved", "parted", "held")
WORDS = {name: plant(f"RIGHTS{name.upper()}8") for name in NAMES}
GROUP = {"kind": "group", "name": "team"}


@dataclass(frozen=True)
class Copies:
    """Backups: ``early`` keys at once after the data, ``late`` ones after rights were taken away; what there was."""

    data: Path
    early: Path
    late: Path
    documents: dict[str, str]
    talk: str
    tokens: dict[str, str]


def place(folder: Path) -> Settings:
    return site_settings(folder, ocr=False, office_renderer="off")


async def nothing(_made: Settings, _restored: Restored) -> None:
    """Leave the index: documents are opened by their ids."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    folder = tmp_path_factory.mktemp("rights")
    data, early, late = (folder / name for name in ("data.wyb", "early.wyb", "late.wyb"))
    settings = place(folder)
    async with open_site(settings) as site:
        admin = (await site.administrator()).http
        await site.person("li")
        await site.person("wang")
        await site.group("team", "li", "wang")
        await site.space("team", [GROUP])
        for name in ("open", "narrowed"):
            await site.space(name, [EVERYONE])
        spaces = {"team": "team", "narrowed": "narrowed"}
        published = await asyncio.gather(
            *(
                site.publish(f"{name}.md", f"# 须知\n\n口令是 {WORDS[name]}。\n", spaces.get(name, "open"))
                for name in NAMES
            )
        )
        documents = dict(zip(NAMES, published, strict=True))
        tokens = {}
        for name in ("li", "wang"):
            for kind in ("kept", "revoked"):
                made = await admin.post("/v1/tokens", json={"user": name, "name": kind})
                tokens[f"{name} {kind}"] = made.json()["token"]
        talk = (await admin.post("/v1/conversations", json={})).json()["id"]
        shared = {"viewers": [{"kind": "user", "name": "wang"}]}
        assert (await admin.put(f"/v1/conversations/{talk}/shares", json=shared)).status_code < 300
        back_up_data(settings, data, SECRET)
        back_up_keys(settings, early, SECRET)
        await _take_away(admin, documents, talk)
        back_up_keys(settings, late, SECRET)
    return Copies(data, early, late, documents, talk, tokens)


async def _take_away(admin: httpx.AsyncClient, documents: dict[str, str], talk: str) -> None:
    wang = [{"kind": "user", "name": "wang"}]
    narrow = {"allow": wang}
    part = {"items": [{"selector": {"heading": ["须知"]}, "policy": {"allow": wang, "inherits": False}}]}
    for tried in (
        await admin.put("/v1/groups/team/members", json={"members": wang}),
        await admin.put("/v1/spaces/narrowed", json={"readers": wang}),
        await admin.put(f"/v1/documents/{documents['moved']}/policy", json=narrow),
        await admin.put(f"/v1/documents/{documents['parted']}/sections", json=part),
        await admin.put(f"/v1/documents/{documents['held']}/quarantine", json={"reason": "poisoned"}),
        await admin.put(f"/v1/conversations/{talk}/shares", json={"viewers": []}),
    ):
        assert tried.status_code < 300, tried.text
    for token in (await admin.get("/v1/tokens")).json()["items"]:
        if token["name"] == "revoked":
            assert (await admin.delete(f"/v1/tokens/{token['id']}")).status_code == 204


async def seen(client: httpx.AsyncClient, copies: Copies) -> set[str]:
    """Return the names of the documents whose text the client is shown."""
    found = set()
    for name, document in copies.documents.items():
        shown = await client.get(f"/v1/documents/{document}")
        if shown.status_code == 200:
            version = shown.json()["current_version"]["id"]
            if WORDS[name] in (await client.get(f"/v1/documents/{document}/versions/{version}/blocks")).text:
                found.add(name)
    return found


async def test_what_was_taken_away_stays_away_until_somebody_confirms_it(copies: Copies, tmp_path: Path) -> None:
    settings = place(tmp_path)
    restored = await restore(settings, copies.data, copies.late, SECRET, nothing)
    assert set(restored.closed.documents) == {copies.documents["moved"], copies.documents["parted"]}
    assert len(restored.closed.policies) == 1  # the space's
    assert sorted(path.name for path in (tmp_path / "data.keys").iterdir() if "rights" in path.name) == []
    async with open_site(settings) as site:
        clients = {name: await site.client(token) for name, token in copies.tokens.items()}
        assert [(await clients[f"{name} revoked"].get("/v1/me")).status_code for name in ("li", "wang")] == [401, 401]
        assert await seen(clients["li kept"], copies) == {"open"}
        assert await seen(clients["wang kept"], copies) == {"open", "team"}
        assert (await clients["wang kept"].get(f"/v1/conversations/{copies.talk}")).status_code == 404
        # Confirmed: the space is saved anew, a document released.
        admin = (await site.administrator()).http
        readers = {"readers": [EVERYONE], "not_after": None}
        assert (await admin.put("/v1/spaces/narrowed", json=readers)).status_code == 200
        assert (await admin.delete(f"/v1/documents/{copies.documents['moved']}/quarantine")).status_code == 204
        assert await seen(clients["li kept"], copies) == {"open", "narrowed", "moved"}


async def test_with_keys_from_the_same_time_nothing_is_closed(copies: Copies, tmp_path: Path) -> None:
    settings = place(tmp_path)
    restored = await restore(settings, copies.data, copies.early, SECRET, nothing)
    assert (restored.closed.policies, restored.closed.documents) == ((), ())
    async with open_site(settings) as site:
        assert await seen(await site.client(copies.tokens["li revoked"]), copies) == set(NAMES)
        shown = await (await site.client(copies.tokens["wang kept"])).get(f"/v1/conversations/{copies.talk}")
        assert shown.status_code == 200


async def test_keys_in_place_do_not_tell_and_it_has_to_be_said(copies: Copies, tmp_path: Path) -> None:
    await restore(place(tmp_path / "one"), copies.data, copies.early, SECRET, nothing)
    (tmp_path / "one" / "data.keys").rename(tmp_path / "data.keys")
    with pytest.raises(BackupRefused, match="--rights-of-backup"):
        await restore(place(tmp_path), copies.data, None, SECRET, nothing)
    restored = await restore(place(tmp_path), copies.data, None, SECRET, nothing, rights_of_backup=True)
    assert restored.rights_at == restored.manifest.taken_at
