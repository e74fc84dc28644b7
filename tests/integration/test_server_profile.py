"""The server profile: PostgreSQL and the client of a Qdrant server (its local mode stands for the server)."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from tests.databases import empty_database
from tests.site import EVERYONE, group, open_site
from wenyuan.settings import DatabaseSettings, IndexSettings, IngestSettings, Settings

pytestmark = [pytest.mark.postgres, pytest.mark.filterwarnings("ignore:Local mode performs exact")]
TEXT = "# 访客须知\n\n访客须在前台登记，并佩戴蓝色胸牌。\n"


async def test_the_main_job_runs_on_postgresql_and_the_qdrant_client(tmp_path: Path, postgres: str) -> None:
    settings = Settings(
        profile="server",
        data_dir=tmp_path,
        database=DatabaseSettings(url=SecretStr(empty_database(postgres, "profile"))),
        index=IndexSettings(kind="server", url=":memory:"),
        ingest=IngestSettings(min_free_mb=0, ocr=False, workers=2),
    )
    async with open_site(settings) as site:
        li, han = await site.person("li"), await site.person("han")
        await site.group("staff", "li")
        await site.space("company", [EVERYONE])
        document = await site.publish("visitors.md", TEXT, "company", policy={"allow": [group("staff")]})
        question = "访客要戴什么颜色的胸牌？"
        cited = (await li.ask(question))["citations"][0]
        assert "蓝色" in cited["quote"]
        assert "蓝色" not in str(await han.ask(question))
        await site.group("staff", "han")
        assert "蓝色" not in str(await li.ask(question))
        assert (await li.http.get(f"/v1/citations/{cited['id']}")).status_code == 404
        assert "蓝色" in str(await han.ask(question))
        admin = await site.administrator()
        rebuilt = (await admin.http.post("/v1/maintenance/rebuild")).json()["job_id"]
        assert (await site.finished(rebuilt))["state"] == "done"
        items = (await admin.http.get("/v1/indexes")).json()["items"]
        assert [item["number"] for item in items if item["state"] == "current"] == [2]
        assert "蓝色" in str(await han.ask(question))
        assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
        assert "蓝色" not in str(await han.ask(question))


@pytest.mark.parametrize(
    "mixture",
    [
        {"profile": "solo", "index": {"kind": "server", "url": "http://127.0.0.1:6333"}},
        {"profile": "server"},
        {"profile": "server", "index": {"kind": "server"}, "database": {"url": "postgresql+psycopg://x/y"}},
    ],
)
def test_a_wrong_mixture_is_refused_in_one_sentence(mixture: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"profile (solo|server)"):
        Settings.model_validate(mixture)
