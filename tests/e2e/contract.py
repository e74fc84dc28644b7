"""A small server that speaks the HTTP contract with fixed data and serves the page under the strict policy.

It stands for the service where the page alone is on trial: slow and broken streams, hostile texts and revoked citations
can be had on demand. Nothing of it is a copy of the product.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from PIL import Image, ImageDraw
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.e2e import data, payloads

WEB = Path(__file__).resolve().parents[2] / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STAGES = ("received", "parse", "chunk", "embed", "index", "publish")


@dataclass
class Contract:
    """State of the server that tests set and read. One lives for one test."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=data.users)
    documents: list[dict[str, Any]] = field(default_factory=data.documents)
    citations: dict[str, dict[str, Any]] = field(default_factory=data.citations)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    chats: list[dict[str, Any]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    hostile: list[str] = field(default_factory=list)
    disconnected: int = 0
    job_pause: float = 0.02


def problem(status: int, code: str, detail: str) -> JSONResponse:
    """Return an error in the shape of the contract."""
    body = {"type": f"urn:wenyuan:error:{code}", "title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def event(body: Any) -> bytes:
    """Return one server-sent event."""
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


class Gate:
    """ASGI middleware: the strict headers on every answer, and no API without a known token."""

    def __init__(self, app: ASGIApp, state: Contract) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].decode().title() not in HEADERS]
                message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in HEADERS.items())]
            await send(message)

        if scope["type"] == "http" and scope["path"].startswith("/v1/") and scope["path"] != "/v1/session/ways":
            headers = Headers(scope=scope)
            self.state.languages.append(headers.get("accept-language", ""))
            token = headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.state.tokens:
                refusal = problem(401, "auth.unauthenticated", "缺少访问令牌，或令牌无效、已过期、已吊销。")
                await refusal(scope, receive, send_with_headers)
                return
            scope.setdefault("state", {})["user"] = self.state.tokens[token]
        await self.app(scope, receive, send_with_headers)


def build(state: Contract) -> ASGIApp:
    """Return the application over ``state``."""
    app = FastAPI(openapi_url=None)

    @app.get("/v1/session/ways")
    async def ways() -> dict[str, Any]:
        return {"passwords": False, "issuers": []}

    @app.get("/")
    async def index() -> Response:
        return FileResponse(WEB / "index.html")

    @app.get("/static/{path:path}")
    async def static(path: str) -> Response:
        return FileResponse(WEB / path)

    @app.get("/v1/me")
    async def me(request: Request) -> dict[str, Any]:
        user: dict[str, Any] = request.state.user
        return user

    add_chat(app, state)
    add_documents(app, state)
    add_archives(app, state)
    return Gate(app, state)


def add_chat(app: FastAPI, state: Contract) -> None:
    """Add questions, citations and page images."""

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = await request.json()
        state.chats.append(body)
        question = body["messages"][-1]["content"]
        if len(question) > 4000:
            return problem(413, "question.too_long", "问题有 4001 个字符，超过上限 4000 个。请缩短后再问。")
        return StreamingResponse(answer(state, question), media_type="text/event-stream")

    @app.get("/v1/citations/{citation}")
    async def read_citation(citation: str) -> Response:
        found = state.citations.get(citation)
        return JSONResponse(found) if found else problem(404, "not_found", "不存在，或您无权查看。")

    @app.get("/v1/documents/{document}/pages/{page}")
    async def image(document: str, page: int, citation: str) -> Response:
        if citation not in state.citations:
            return problem(404, "not_found", "不存在，或您无权查看。")
        return Response(await asyncio.to_thread(draw, state.citations[citation]["boxes"], page), media_type="image/png")


def add_archives(app: FastAPI, state: Contract) -> None:
    """Add the upload of an archive of two files, of which one is taken."""

    @app.post("/v1/documents/archive")
    async def unpack(request: Request) -> Response:
        form = await request.form()
        file = form["file"]
        assert not isinstance(file, str)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        state.uploads.append({"document": "archive", "filename": file.filename, **fields})
        state.jobs["job-member"] = {**data.job("job-member", "new-member"), "dead": False}
        taken = {"document_id": "new-member", "version_id": "v", "job_id": "job-member", "duplicate": False}
        refused = {"code": "file.empty", "message": "文件是空的。"}
        items = [
            {"name": "制度 / 差旅.md", "submitted": taken, "error": None},
            {"name": "空.txt", "submitted": None, "error": refused},
        ]
        return JSONResponse({"accepted": 1, "items": items}, 202)


def add_documents(app: FastAPI, state: Contract) -> None:
    """Add documents, uploads and jobs."""

    @app.get("/v1/documents")
    async def documents(space: str = "", cursor: str = "", limit: int = 50) -> dict[str, Any]:
        chosen = [each for each in state.documents if not space or each["space"] == space]
        start = int(cursor or 0)
        more = start + limit < len(chosen)
        return {"items": chosen[start : start + limit], "next_cursor": str(start + limit) if more else None}

    @app.post("/v1/documents")
    @app.post("/v1/documents/{document}/versions")
    async def accept(request: Request, document: str = "") -> Response:
        form = await request.form()
        file = form["file"]
        assert not isinstance(file, str)
        content = await file.read()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        state.uploads.append({"document": document, "filename": file.filename, "size": len(content), **fields})
        if content.startswith(b"MZ"):
            return problem(
                415, "file.type_unsupported", "不支持这种文件内容（application/x-dosexec）。支持：PDF、Word。"
            )
        number = f"job-{len(state.uploads)}"
        state.jobs[number] = {**data.job(number, document or f"new-{number}"), "dead": content.startswith(b"broken")}
        if not document:
            title = fields.get("title") or str(file.filename)
            waiting = {"state": "processing", "current_version": None}
            state.documents.insert(0, {**data.document(f"new-{number}", title, fields["space"], 12), **waiting})
        body = {
            "document_id": state.jobs[number]["document_id"],
            "version_id": "v",
            "job_id": number,
            "duplicate": content == b"same",
        }
        return JSONResponse(body, 202)

    @app.delete("/v1/documents/{document}")
    async def delete(document: str) -> Response:
        state.documents[:] = [each for each in state.documents if each["id"] != document]
        return Response(status_code=204)

    @app.get("/v1/jobs")
    async def jobs() -> dict[str, Any]:
        return {"items": list(state.jobs.values())}

    @app.get("/v1/jobs/{number}/events")
    async def events(number: str) -> Response:
        return StreamingResponse(run(state, state.jobs[number]), media_type="text/event-stream")


async def run(state: Contract, job: dict[str, Any]) -> AsyncIterator[bytes]:
    """Walk a job through its stages and pages."""
    job["state"] = "running"
    for stage in STAGES:
        unit, total = {"parse": ("page", 12), "embed": ("chunk", 30)}.get(stage, ("", 0))
        for done in range(0, max(total, 1), 3):
            job.update(stage=stage, progress={"done": done, "total": total, "unit": unit})
            yield event(job)
            await asyncio.sleep(state.job_pause)
            if job["dead"] and done:
                job.update(state="dead", error={"code": "file.corrupt", "message": "文件已损坏或不完整，无法解析。"})
                yield event(job)
                return
    for place, each in enumerate(state.documents):
        if each["id"] == job["document_id"]:
            state.documents[place] = data.document(each["id"], each["title"], each["space"], 12)
    job["state"] = "done"
    yield event(job)


async def answer(state: Contract, question: str) -> AsyncIterator[bytes]:
    """Stream the answer that the question asks for, cut in the middle of characters and events."""
    stream = b"".join(events_of(state, question))
    slow = "慢" in question
    step = 200 if slow else 7
    try:
        for at in range(0, len(stream), step):
            yield stream[at : at + step]
            await asyncio.sleep(0.05 if slow else 0)
    except asyncio.CancelledError:
        state.disconnected += 1
        raise


def events_of(state: Contract, question: str) -> list[bytes]:
    """Return the events of the answer to ``question``."""
    script = data.script(question)
    if "恶意" in question:
        text = state.hostile[int(question.removeprefix("恶意"))]
        script = data.Script(text, ("hostile",), "llm", refused=False, notices=(payloads.hostile_title(),))
    base = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "wenyuan"}

    def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> bytes:
        return event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more})

    found = [b": keep-alive\n\n", chunk({"role": "assistant"})]
    found += [chunk({}, citations=[data.reference(state.citations[identity])]) for identity in script.citations]
    found += [chunk({"content": script.text[at : at + 9]}) for at in range(0, len(script.text), 9)]
    if "断" in question:
        return found[:-2]
    if "出错" in question:
        failure = {"error": {"code": "endpoint.failed", "message": "外部模型服务调用失败：超时"}}
        return [*found[:-2], event(failure), b"data: [DONE]\n\n"]
    done = {"answerer": script.answerer, "refused": script.refused, "notices": list(script.notices)}
    return [*found, chunk({}, "stop", **done), b"data: [DONE]\n\n"]


def draw(boxes: list[dict[str, float]], page: int) -> bytes:
    """Return a page (A4 at 2 pixels a point) of grey lines with the boxes of ``page`` marked."""
    image = Image.new("RGB", (1190, 1684), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((140, 130, 620, 164), fill="#333")
    for line in range(30):
        top = 230 + line * 44
        pen.rectangle((140, top, 1050 - (line * 137) % 330, top + 14), fill="#b9bec2")
    marks = Image.new("RGB", image.size, "white")
    for box in boxes:
        if box["page"] == page:
            corners = tuple(2 * box[edge] for edge in ("x0", "y0", "x1", "y1"))
            ImageDraw.Draw(marks).rectangle(corners, fill="#ffe26a", outline="#d9a300", width=3)
    out = io.BytesIO()
    Image.composite(marks, image, image.convert("L").point(lambda value: 255 if value == 255 else 0)).save(out, "PNG")
    return out.getvalue()
