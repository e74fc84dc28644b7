"""Every error leaves as problem+json (RFC 9457) with a stable code, in the language of the request."""

from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.middleware import add_headers
from wenyuan.errors import (
    InvalidRequest,
    Language,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    TransientError,
    Unauthenticated,
    WenyuanError,
)

log = structlog.get_logger(__name__)
RETRY_AFTER_S: Final = "2"


def request_language(request: Request) -> Language:
    """Return the first of zh and en that ``Accept-Language`` names; Chinese without one."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.strip()[:2]
        if tag == "zh":
            return "zh"
        if tag == "en":
            return "en"
    return "zh"


def error_body(error: WenyuanError, language: Language) -> dict[str, object]:
    """Return code and sentence, as shown in jobs and in streams."""
    return {"code": error.code, "message": error.message(language)}


def install_error_handlers(app: FastAPI) -> None:
    """Register the handlers on ``app``."""

    @app.exception_handler(WenyuanError)
    async def wenyuan(request: Request, error: WenyuanError) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return problem(request, MalformedJson())
        place = ".".join(str(part) for part in first["loc"])
        return problem(request, InvalidRequest(reason=f"{place}: {first['msg']}"))

    @app.exception_handler(ClientDisconnect)
    async def left(request: Request, _: ClientDisconnect) -> JSONResponse:
        return problem(request, InvalidRequest(reason="connection closed"))  # nobody reads it

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, WenyuanError):  # raised while the body was being read
            return problem(request, error.__cause__)
        known: dict[int, WenyuanError] = {404: NotFound(), 405: MethodNotAllowed()}
        return problem(request, known.get(error.status_code) or InvalidRequest(reason=str(error.detail)))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.crashed", error=type(error).__name__, exc_info=error)
        response = problem(request, WenyuanError())
        add_headers(response.headers, request.scope)  # this handler answers from outside of the middleware
        return response


def problem(request: Request, error: WenyuanError) -> JSONResponse:
    """Return the problem document of an error."""
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(error.params.get("retry_after_s", RETRY_AFTER_S))
    body = {
        "type": f"urn:wenyuan:error:{error.code}",
        "title": type(error).__name__,
        "status": error.status,
        "code": error.code,
        "detail": error.message(request_language(request)),
        "request_id": request.scope.get("request_id", ""),
    }
    return JSONResponse(body, status_code=error.status, headers=headers, media_type="application/problem+json")
