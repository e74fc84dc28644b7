"""The fixed data of the contract server: users, documents, citations, answers."""

from dataclasses import dataclass
from typing import Any

from tests.e2e import payloads

EDITOR = "editor-token"
READER = "reader-token"

SPACES = {"handbook": "员工手册", "travel": "差旅制度", "products": "产品资料"}


@dataclass(frozen=True)
class Script:
    """What the answerer says to a question."""

    text: str
    citations: tuple[str, ...]
    answerer: str
    refused: bool
    notices: tuple[str, ...] = ()


TRAVEL = Script(
    "去一线城市出差，住宿费上限为每人每晚 **600 元** [1]，超出部分需部门负责人事先批准 [2]。\n\n"
    "| 城市 | 上限（元/晚） |\n|---|---|\n| 北京、上海、广州、深圳 | 600 |\n| 其他省会 | 450 |\n\n"
    "报销时请附：\n- 酒店发票与水单 [1]\n- 超标准时的审批单 [2]\n\n额定电压范围见产品手册 [3]。",
    ("travel-1", "travel-2", "sheet-1"),
    "llm",
    refused=False,
)
REFUSAL = Script("在您有权查看的文档中，没有找到能回答这个问题的依据。", (), "extractive", refused=True)
PLAIN = Script(
    "住宿费凭票据实报销，一线城市每人每晚不超过 600 元。[1] 超标准须事先审批。[2]",
    ("travel-1", "travel-2"),
    "extractive",
    refused=False,
    notices=("llm.fallback", "evidence.limited 8/23"),
)


def script(question: str) -> Script:
    """Return the answer to ``question``."""
    if "薪酬" in question:
        return REFUSAL
    return PLAIN if "摘录" in question else TRAVEL


def users() -> dict[str, dict[str, Any]]:
    """Return token → what ``/v1/me`` says: one who uploads and one who only reads."""
    editor = [{"name": name, "title": title, "can_upload": True, "can_manage": True} for name, title in SPACES.items()]
    reader = [{**space, "can_upload": False, "can_manage": False} for space in editor[:2]]
    return {
        EDITOR: {
            "user_id": "u-1",
            "name": "林知夏",
            "roles": ["administrator"],
            "groups": ["全体员工", "人力资源部"],
            "spaces": editor,
        },
        READER: {"user_id": "u-2", "name": "Wang Lei", "roles": [], "groups": ["全体员工"], "spaces": reader},
    }


def document(identity: str, title: str, space: str, pages: int | None, **version: Any) -> dict[str, Any]:
    """Return a document of the list."""
    current = {
        "id": f"{identity}-v1",
        "filename": f"{title}.pdf",
        "media_type": "application/pdf",
        "size": 482_133,
        "page_count": pages,
        "chunk_count": 40,
        "published_at": 1741077000.5,
        "warnings": [],
        **version,
    }
    return {
        "id": identity,
        "title": title,
        "space": space,
        "owner": "林知夏",
        "state": "published",
        "created_at": 1741075200.0,
        "current_version": current,
    }


def documents() -> list[dict[str, Any]]:
    """Return the list of documents, one with hostile names and one that failed."""
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    failed = {**document("d-4", "旧版采购流程", "handbook", None), "state": "failed", "current_version": None}
    return [
        document("d-1", "差旅费用管理办法（2025 版）", "travel", 12),
        document("d-2", "KYN28 开关柜产品手册", "products", None, media_type=sheet, filename="KYN28 参数表.xlsx"),
        document("d-3", "员工手册", "handbook", 86, warnings=["page 14: ocr.low_confidence", "page 15: ocr.failed"]),
        failed,
        document("d-5", payloads.hostile_title(), "handbook", 3, filename=f"=cmd|{payloads.BIDI}"),
    ]


def citation(identity: str, marker: int, title: str, passage: str, quote: str, **more: Any) -> dict[str, Any]:
    """Return an opened citation; the span counts code points."""
    start = passage.index(quote)
    return {
        "id": identity,
        "marker": marker,
        "document_id": "d-1",
        "document_title": title,
        "version_id": "d-1-v1",
        "superseded": False,
        "page": None,
        "boxes": [],
        "heading_path": [],
        "anchor": None,
        "quote": quote,
        "passage": passage,
        "start": start,
        "end": start + len(quote),
        "page_image": None,
        **more,
    }


def citations() -> dict[str, dict[str, Any]]:
    """Return the citations by id: a page, a page break in a superseded version, a sheet, a hostile one."""
    title = "差旅费用管理办法（2025 版）"
    passage = (
        "第八条 住宿标准🏨。员工因公出差的住宿费在限额内凭票据实报销。去一线城市（北京、上海、广州、深圳）出差，"
        "住宿费上限为每人每晚 600 元。其他省会城市为每人每晚 450 元，其余地区为每人每晚 350 元。"
    )
    lodging = "去一线城市（北京、上海、广州、深圳）出差，住宿费上限为每人每晚 600 元。"
    approval = "超出限额的部分，须经部门负责人事先书面批准，方可报销。"
    size = {"page_size": {"width": 595, "height": 842}}
    found = [
        citation(
            "travel-1",
            1,
            title,
            passage,
            lodging,
            page=3,
            heading_path=["第三章 住宿", "第八条 住宿标准"],
            boxes=[{"page": 3, "x0": 65, "y0": 600, "x1": 530, "y1": 672}],
            page_image="/v1/documents/d-1/pages/3?citation=travel-1",
            **size,
        ),
        citation(
            "travel-2",
            2,
            title,
            f"第九条 {approval}未经批准的，由个人承担。",
            approval,
            page=4,
            superseded=True,
            boxes=[
                {"page": 4, "x0": 65, "y0": 720, "x1": 530, "y1": 800},
                {"page": 5, "x0": 65, "y0": 60, "x1": 400, "y1": 90},
            ],
            page_image="/v1/documents/d-1/pages/4?citation=travel-2",
            **size,
        ),
        citation(
            "sheet-1",
            3,
            "KYN28 开关柜产品手册",
            "额定电压 | 12 kV\n额定电流 | 630–4000 A\n额定短时耐受电流 | 40 kA",
            "额定电压 | 12 kV",
            heading_path=["技术参数"],
            anchor="'参数表'!A2:B4",
        ),
        citation(
            "hostile",
            1,
            payloads.hostile_title(),
            payloads.hostile_title() * 2,
            payloads.hostile_title(),
            anchor=payloads.BIDI,
        ),
    ]
    return {each["id"]: each for each in found}


def reference(opened: dict[str, Any]) -> dict[str, Any]:
    """Return the citation as it stands beside an answer."""
    names = ("id", "marker", "document_id", "version_id", "document_title", "page", "boxes", "heading_path", "anchor")
    kept = {name: opened[name] for name in (*names, "quote")}
    partial = opened["id"] == "travel-2"
    return {**kept, "support": "partial" if partial else "supported", "link": f"/?citation={opened['id']}"}


def job(identity: str, document_id: str) -> dict[str, Any]:
    """Return a job that was just accepted."""
    return {
        "id": identity,
        "kind": "ingest",
        "state": "queued",
        "stage": "received",
        "progress": {"done": 0, "total": 0, "unit": ""},
        "attempt": 1,
        "error": None,
        "document_id": document_id,
        "version_id": "v",
        "created_at": 1741075200.0,
        "finished_at": None,
    }
