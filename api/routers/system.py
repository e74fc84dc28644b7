"""Health, readiness, metrics, and the page."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.deps import Wired, public
from wenyuan.obs import REGISTRY

WEB: Final = Path(__file__).resolve().parent.parent.parent / "web"
router = APIRouter(tags=["system"], dependencies=[Depends(public)])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(services: Wired) -> dict[str, str]:
    """Say that database and index answer, or that search waits for an index under construction; 503 otherwise."""
    await services.database.ping()
    await services.index.ping()
    return {"status": "ready" if services.index.answers else "rebuilding"}


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """Return counts and durations in the Prometheus text format; no labels from user input."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


@router.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """Return the page; it signs in by itself."""
    return FileResponse(WEB / "index.html")
