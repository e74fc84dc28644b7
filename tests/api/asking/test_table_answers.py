"""Questions over tables through the API: cells found, numbers reckoned and cited, hidden rows left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.site import EVERYONE, Site, open_site, site_settings, user

pytestmark = pytest.mark.asyncio(loop_scope="module")

SALES = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>2024年各大区销售情况</title>
<body><h1>2024年各大区销售情况</h1><p>单位：万元</p><table><thead>
<tr><th>大区</th><th>一季度</th><th>二季度</th></tr></thead><tbody>
<tr><td>华东</td><td>1,250</td><td>1,310</td></tr>
<tr><td>华北</td><td>980</td><td>1,020</td></tr>
<tr><td>华南</td><td>820</td><td>860</td></tr>
<tr><td>合计</td><td>3,050</td><td>3,190</td></tr>
</tbody></table></body></html>"""
BUSBARS = """额定电流（A）,母线规格,柜体宽度（mm）
≤630,TMY-40×4,600
631～1000,TMY-60×6,800
1001～1600,TMY-80×8,800
"""
PAY = """姓名,部门,月薪（元）
张伟,研发部,18500
李娜,研发部,21000
王芳,市场部,15200
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("tables")
    async with open_site(site_settings(folder)) as opened:
        await opened.space("tables", [EVERYONE])
        await opened.person("reader")
        await opened.publish("销售.html", SALES, "tables")
        await opened.publish("母线选型.csv", BUSBARS, "tables")
        pay = await opened.publish("薪酬.csv", PAY, "tables")
        admin = await opened.administrator()
        part = {
            "selector": {"rows": {"column": "姓名", "values": ["李娜"]}},
            "policy": {"inherits": False, "allow": [user("admin")]},
        }
        response = await admin.http.put(f"/v1/documents/{pay}/sections", json={"items": [part]})
        await opened.finished(response.json()["job_id"])
        yield opened


async def test_sum_is_reckoned_and_every_operand_cited(site: Site) -> None:
    reader = await site.person("reader")
    answer = await reader.ask("华东和华北一季度销售额合计是多少？")
    text = answer["choices"][0]["message"]["content"]
    assert "1,250 + 980 = 2,230万元" in text
    assert [one["quote"].split(" | ")[0] for one in answer["citations"]] == ["华东", "华北"]
    assert all(one["support"] == "supported" for one in answer["citations"])


async def test_total_rows_are_not_summed_again(site: Site) -> None:
    reader = await site.person("reader")
    answer = await reader.ask("所有大区二季度销售额总和是多少？")
    assert "3,190" in answer["choices"][0]["message"]["content"]


async def test_range_holds_the_value(site: Site) -> None:
    reader = await site.person("reader")
    answer = await reader.ask("800 A 的柜体选哪种母线？")
    assert "TMY-60×6" in answer["choices"][0]["message"]["content"]
    assert answer["citations"][0]["quote"].startswith("631～1000")


async def test_aggregate_over_hidden_rows_says_so_and_leaves_them_out(site: Site) -> None:
    reader, admin = await site.person("reader"), await site.administrator()
    question = "研发部月薪最高的员工是谁？"
    mine = await admin.ask(question)
    assert "李娜" in mine["choices"][0]["message"]["content"]
    assert mine["notices"] == []
    theirs = await reader.ask("各员工月薪的平均值是多少？")
    text = theirs["choices"][0]["message"]["content"]
    assert "(18,500 + 15,200) ÷ 2 = 16,850.00元" in text
    assert "21" not in text.replace("16,850", "")
    assert theirs["notices"] == ["table.partial"]
