"""Nothing of a document, of a question or of an answer is read by who takes the data folder."""

import base64
import gzip
import io
import zipfile
from pathlib import Path

import docx
import pytest

from benchmarks.storage.scan import looked_into, scan
from tests.security.sniffer import plant
from tests.site import EVERYONE, open_site, site_settings, until, user
from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
from wenyuan.errors import WenyuanError
from wenyuan.vault.errors import VaultLocked

BODY, ROW, TITLE, NAME, ASKED, FIXED = (
    plant(f"CANARY{place}71Q") for place in ("BODY", "ROW", "TITLE", "NAME", "ASKED", "FIXED")
)
CHINESE = plant("金丝雀口令七十六号")
SECRETS = (BODY, ROW, TITLE, NAME, ASKED, FIXED, CHINESE)


@pytest.mark.parametrize("secret", [BODY, CHINESE])
def test_the_scan_finds_what_is_there(secret: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/b.xml", f"<p>{'x' * 99}{secret}</p>")
    raw = secret.encode()
    held = (
        raw, secret.encode("utf-16-le"), raw.hex().encode(), gzip.compress(raw * 3), base64.b64encode(b"ab" + raw),
        archive.getvalue(), gzip.compress(archive.getvalue()),
    )  # fmt: skip
    for number, content in enumerate(held):
        assert list(looked_into(b"\0" * 7 + content + b"\0" * 7, [secret])), number
    assert not list(looked_into(b"\0" * 1000, [secret]))


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.keywords = CHINESE
    document.add_heading(f"金库管理办法 {CHINESE}", 1)
    document.add_paragraph(f"金库的开门口令是 {BODY}，每周更换。")
    table = document.add_table(2, 2)
    for cell, text in zip((one for row in table.rows for one in row.cells), ("项目", "口令", "后门", ROW), strict=True):
        cell.text = text
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


async def test_the_data_folder_tells_no_text_while_documents_live_nor_after(tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False, office_renderer="off")
    async with open_site(settings) as site:
        await site.space("company", [EVERYONE])
        admin, li = await site.administrator(), await site.person("li")
        document = await site.publish(f"{NAME}.docx", word_file(), "company", title=f"金库 {TITLE}")
        talk = (await admin.http.post("/v1/conversations", json={})).json()["id"]
        answer = await admin.ask(f"金库的开门口令是什么？{ASKED}", conversation_id=talk)
        assert BODY in answer["choices"][0]["message"]["content"]
        shared = await admin.http.put(f"/v1/conversations/{talk}/shares", json={"viewers": [user("li")]})
        assert shared.status_code == 200, shared.text
        version = (await admin.http.get(f"/v1/documents/{document}")).json()["current_version"]["id"]
        body = {"version_id": version, "block": 1, "text": f"金库的开门口令是 {FIXED}。"}
        corrected = await admin.http.put(f"/v1/documents/{document}/corrections", json=body)
        assert corrected.status_code == 202, corrected.text
        assert (await site.finished(corrected.json()["job_id"]))["state"] == "done"
        assert any(FIXED in one["text"] for one in await li.search("金库的开门口令"))
        assert ASKED in (await li.http.get(f"/v1/conversations/{talk}")).text
        assert scan(settings.data_dir, SECRETS) == []

        assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
        assert (await admin.http.delete(f"/v1/conversations/{talk}")).status_code == 204

        async def recorded() -> bool:
            entries = (await admin.http.get("/v1/audit", params={"action": "shred"})).json()["items"]
            return {one["document_id"] for entry in entries for one in entry["items"]} == {document, talk}

        await until(recorded)
        assert scan(settings.data_dir, SECRETS) == []
    store = SqlKeyStore(sqlite_vault_url(tmp_path / "data.keys"))
    assert {subject: stored.wrapped for subject, stored in store.find([document, talk]).items()} == {
        document: None,
        talk: None,
    }
    store.close()
    assert scan(tmp_path, SECRETS) == []


async def test_nothing_is_served_without_the_keys(tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False)
    async with open_site(settings) as site:
        await site.space("company", [EVERYONE])
        await site.publish("a.md", f"# 题\n\n口令是 {BODY}。\n", "company")
    keys = tmp_path / "data.keys"
    master = (keys / "vault.key").read_text()
    for harm in ("ab" * 32, None):
        (keys / "vault.key").unlink()
        if harm is not None:
            (keys / "vault.key").write_text(harm)
        with pytest.raises(VaultLocked) as told:
            async with open_site(settings):
                pass
        assert "vault.key" in told.value.message("en")
        (keys / "vault.key").write_text(master)
    for name in ("vault.key", "vault.sqlite3"):  # lost: no new keys are made beside text that they do not open
        (keys / name).unlink()
    with pytest.raises(WenyuanError) as refused:
        async with open_site(settings):
            pass
    assert refused.value.code == "vault.locked"
