"""The documents page: the list, uploading with progress and policy, failures, replacing, deleting."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e import data
from tests.e2e.conftest import Open, until, upload_of
from tests.e2e.contract import Contract

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PDF = upload_of("预算说明.pdf", b"%PDF-1.7 " * 500)
PROGRAM = upload_of("setup.exe", b"MZ")
BROKEN = upload_of("坏文件.pdf", b"broken")


async def listed(open_page: Open, token: str = "editor") -> Page:
    page = await open_page(token=token, path="/#/documents")
    await page.locator(".document-table tbody tr").first.wait_for()
    return page


async def test_list_shows_title_space_type_pages_state(open_page: Open) -> None:
    page = await listed(open_page)
    row = page.locator("tr[data-document='d-1']")
    await expect(row.locator("td")).to_contain_text(
        ["差旅费用管理办法（2025 版）", "差旅制度", "PDF", "12", "可用", "2025年3月4日", ""]
    )
    await expect(page.locator("tr[data-document='d-2'] .col-type")).to_have_text("Excel")
    await expect(page.locator("tr[data-document='d-3'] .warnings summary")).to_have_text("2 处警告")
    await page.select_option("#filter-space", "travel")
    await expect(page.locator(".document-table tbody tr")).to_have_count(1)


async def test_list_goes_on(open_page: Open, contract: Contract) -> None:
    contract.documents[:] = [data.document(f"d-{number}", f"文档 {number}", "travel", 1) for number in range(60)]
    page = await listed(open_page)
    await expect(page.locator(".document-table tbody tr")).to_have_count(50)
    await page.get_by_role("button", name="加载更多").click()
    await expect(page.locator(".document-table tbody tr")).to_have_count(60)
    await expect(page.get_by_role("button", name="加载更多")).to_be_hidden()


async def test_reader_sees_the_list_and_no_upload(open_page: Open) -> None:
    page = await listed(open_page, "reader")
    await expect(page.locator(".upload")).to_be_hidden()
    await expect(page.locator(".col-actions button")).to_have_count(0)


async def test_upload_shows_progress_until_done(open_page: Open, contract: Contract) -> None:
    contract.job_pause = 0.1
    page = await listed(open_page)
    await page.set_input_files("#files", [PDF])
    await page.get_by_label("预算说明.pdf 的标题").fill("2025 年度预算说明")
    await page.select_option("#upload-space", "travel")
    await page.get_by_role("button", name="上传 1 个文件").click()
    transfer = page.locator(".transfer")
    await expect(transfer.locator(".transfer-status")).to_contain_text("解析 · 第")
    early = float(await transfer.locator("progress").evaluate("e => e.value"))
    await expect(transfer.locator(".transfer-status")).to_contain_text("向量化 ·")
    assert float(await transfer.locator("progress").evaluate("e => e.value")) > early
    await expect(transfer.locator(".transfer-status")).to_have_text("完成，可以提问了")
    await expect(page.locator(".document-table tbody tr").first).to_contain_text("2025 年度预算说明")
    await expect(page.locator(".document-table tbody tr").first.locator(".state")).to_have_text("可用")
    sent = contract.uploads[0]
    assert (sent["filename"], sent["space"], sent["title"]) == ("预算说明.pdf", "travel", "2025 年度预算说明")
    assert (sent["size"], "policy" in sent) == (len(PDF["buffer"]), False)


async def test_several_files_each_with_its_own_outcome(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    await page.set_input_files("#files", [PDF, PROGRAM, BROKEN])
    await page.get_by_role("button", name="移除 setup.exe").click()
    await page.set_input_files("#files", [PROGRAM])
    await page.get_by_role("button", name="上传 3 个文件").click()
    program = page.locator(".transfer", has_text="setup.exe")
    await expect(program.locator(".problem")).to_contain_text("不支持这种文件内容（application/x-dosexec）")
    await expect(program.locator(".code")).to_have_text("file.type_unsupported")
    broken = page.locator(".transfer", has_text="坏文件.pdf")
    await expect(broken.locator(".problem")).to_contain_text("文件已损坏或不完整，无法解析。")
    await expect(broken.locator(".code")).to_have_text("file.corrupt")
    await expect(page.locator(".transfer[data-state='done']")).to_have_count(1)
    # The list says what became of the document that never got a version.
    row = page.locator(".document-table tr", has_text="坏文件")
    await expect(row.locator(".state")).to_have_text("失败")
    await expect(row.locator(".row-error")).to_contain_text("文件已损坏")
    await program.get_by_role("button", name="移除").click()
    await expect(page.locator(".transfer")).to_have_count(2)
    assert len(contract.uploads) == 3


async def test_an_archive_shows_its_members(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    await page.set_input_files("#files", [upload_of("资料.zip", b"PK"), PDF])
    await page.get_by_role("button", name="上传 2 个文件").click()
    archive = page.locator(".transfer", has=page.get_by_text("资料.zip", exact=True))
    await expect(archive.locator(".transfer-status")).to_have_text("已解包：2 个文件，接收 1 个")
    member = page.locator(".transfer", has_text="差旅.md")
    await expect(member.locator(".transfer-status")).to_have_text("完成，可以提问了")
    await expect(page.locator(".transfer", has_text="空.txt").locator(".code")).to_have_text("file.empty")
    single = page.locator(".transfer", has_text="预算说明")
    await expect(single.locator(".transfer-status")).to_have_text("完成，可以提问了")
    sent = next(each for each in contract.uploads if each["filename"] == "资料.zip")
    assert (sent["document"], "title" in sent) == ("archive", False)


async def test_files_are_dropped(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    transfer = await page.evaluate_handle(
        "() => { const t = new DataTransfer(); t.items.add(new File(['x'], '拖入.txt')); return t }"
    )
    await page.locator(".drop").dispatch_event("drop", {"dataTransfer": transfer})
    await expect(page.locator(".staged-file")).to_have_count(1)
    await page.get_by_role("button", name="上传 1 个文件").click()
    await until(lambda: len(contract.uploads) == 1)
    assert contract.uploads[0]["filename"] == "拖入.txt"


async def test_chosen_readers_are_sent_as_a_policy(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    await page.set_input_files("#files", [PDF])
    await page.get_by_label("指定范围").check()
    upload = page.get_by_role("button", name="上传 1 个文件")
    allow, deny = page.locator(".side.allow"), page.locator(".side.deny")
    await upload.click()
    await expect(page.locator(".upload .form-error")).to_have_text("请填写每一行的名称。")
    await allow.get_by_role("button", name="移除这一行").click()
    await upload.click()
    await expect(page.locator(".upload .form-error")).to_contain_text("请至少允许一个对象")
    assert contract.uploads == []
    for side, kind, name in ((allow, "group", "财务部"), (allow, "everyone", ""), (deny, "user", "wang")):
        await side.get_by_role("button", name="添加一行").click()
        row = side.locator(".subject").last
        await row.get_by_label("对象类型").select_option(kind)
        if name:
            await row.get_by_label("名称").fill(name)
    await page.select_option("#classification", "2")
    await upload.click()
    await until(lambda: len(contract.uploads) == 1)
    assert json.loads(contract.uploads[0]["policy"]) == {
        "allow": [{"kind": "group", "name": "财务部"}, {"kind": "everyone", "name": ""}],
        "deny": [{"kind": "user", "name": "wang"}],
        "classification": 2,
    }


async def test_new_version_and_same_bytes(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    async with page.expect_file_chooser() as chooser:
        await page.locator("tr[data-document='d-1']").get_by_role("button", name="上传新版本").click()
    await (await chooser.value).set_files(upload_of("预算说明.pdf", b"same"))
    await expect(page.locator(".transfer-status")).to_have_text("内容与现有版本相同，无需更新")
    assert contract.uploads[0]["document"] == "d-1"


async def test_delete_asks_first(open_page: Open, contract: Contract) -> None:
    page = await listed(open_page)
    row = page.locator("tr[data-document='d-3']")
    await row.get_by_role("button", name="删除").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("“员工手册”将立即停止用于回答")
    await dialog.get_by_role("button", name="取消").click()
    await expect(row).to_be_visible()
    await row.get_by_role("button", name="删除").click()
    await dialog.get_by_role("button", name="删除").click()
    await expect(row).to_have_count(0)
    assert "d-3" not in [each["id"] for each in contract.documents]


async def test_running_jobs_are_followed_after_a_reload(open_page: Open, contract: Contract) -> None:
    contract.job_pause = 0.1
    page = await listed(open_page)
    await page.set_input_files("#files", [PDF])
    await page.get_by_role("button", name="上传 1 个文件").click()
    await expect(page.locator(".transfer-status")).to_contain_text("解析")
    await page.reload()
    await expect(page.locator(".transfer-name")).to_have_text("预算说明")
    await expect(page.locator(".transfer-status")).to_have_text("完成，可以提问了")


async def test_a_folder_is_taken_with_its_paths(open_page: Open, contract: Contract, tmp_path: Path) -> None:
    folder = tmp_path / "制度"
    for name in ("差旅/标准.pdf", "差旅/.DS_Store", "坏.pdf", "~$坏.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"broken" if name == "坏.pdf" else b"%PDF-1.7")
    page = await listed(open_page)
    await page.set_input_files("#folder", folder)
    await expect(page.locator(".staged-file")).to_have_count(2)
    await page.get_by_role("button", name="上传 2 个文件").click()
    await expect(page.locator(".transfers-head .hint")).to_have_text("2 个文件，已完成 1 个，失败 1 个")
    assert {sent["title"] for sent in contract.uploads} == {"制度/差旅/标准", "制度/坏"}
    assert {sent["filename"] for sent in contract.uploads} == {"标准.pdf", "坏.pdf"}
