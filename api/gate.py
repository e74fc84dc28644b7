"""The gate: a pure ASGI middleware that lets nothing of a response out before what it shows is recorded.

Every request gets a trail. Reads of text note on it what they read; before each message to the client the gate has the
notes recorded. When that fails the client gets 503 and no content; in the middle of a stream the connection breaks.
Requests that change something are recorded before they are tried, and again with their outcome.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Action, Item, Outcome
from wenyuan.audit.trail import Trail

log = structlog.get_logger(__name__)
_TRAIL: Final = "wenyuan.trail"
_ADMINISTRATIVE: Final = "wenyuan.administrative"
_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Changing by their method, but what they do is to read: what they show is recorded as such.
READING: Final = frozenset({"/v1/search", "/v1/chat/completions", "/v1/preview", "/v1/pictures", "/v1/access/preview"})
_READ_AT_MOST: Final = 65_536
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REFUSED: Final = frozenset({401, 403, 404, 429})
_FAILED: Final = 500


def trail_of(request: Request) -> Trail:
    """Return the trail of a request."""
    trail: Trail = request.scope[_TRAIL]
    return trail


async def begin(request: Request, actor: str, token: str, behalf: str = "") -> None:
    """Say whose request it is; what will change something is recorded now, before it is tried."""
    trail = trail_of(request)
    trail.identify(actor, token, behalf)
    route = _route(request.scope)
    if request.method in _CHANGING and route not in READING:
        trail.note(Action.ACT, _items(request.scope), _target(request.scope), Outcome.BEGUN)
        await trail.settle()


def mark_administrative(request: Request) -> None:
    """Say that what the request shows is for administrators alone: that it was looked at is recorded."""
    request.scope[_ADMINISTRATIVE] = True


class Gate:
    """Wraps the application within the edge, which has named the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        services = getattr(scope["app"].state, "services", None) if scope["type"] == "http" else None
        if services is None:  # nothing is open, so there is nothing to show
            await self._app(scope, receive, send)
            return
        trail = scope[_TRAIL] = Trail(services.audit, scope.get("request_id", ""))
        passage = _Passage(scope, receive, send, trail)
        try:
            await self._app(scope, receive, passage.send)
        except Exception:
            if passage.closed:
                return
            await passage.crashed()
            raise


class _ClosedError(Exception):
    """Nothing more is sent of this response."""


class _Passage:
    """The way out of one response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, trail: Trail) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._trail = trail
        self._held: Message | None = None
        self._started = False
        self.closed = False

    async def send(self, message: Message) -> None:
        """Send a message once everything that was noted is recorded.

        The head of a response is held back until its body begins, which says the ids of what an act has made.
        """
        if self.closed:
            raise _ClosedError
        if message["type"] == "http.response.start":
            self._held = message
            return
        held, self._held = self._held, None
        if held is not None:
            self._note_outcome(held["status"], message.get("body", b""))
        try:
            await self._trail.settle()
        except AuditUnavailable as error:
            self.closed = True
            if not self._started:
                await problem(Request(self._scope), error)(self._scope, self._receive, self._send)
            raise _ClosedError from error
        self._started = True
        if held is not None:
            await self._send(held)
        await self._send(message)

    async def crashed(self) -> None:
        """Record that the application failed; its answer carries no content and is made outside of the gate."""
        self._note_outcome(_FAILED)
        try:
            await self._trail.settle()
        except AuditUnavailable:
            log.exception("audit.outcome_lost")

    def _note_outcome(self, status: int, body: bytes = b"") -> None:
        """Note how an act ended and what it made, every refusal, every export and what administrators look at.

        A refusal of something that is not there and of something that is not shown are the same entry.
        """
        scope = self._scope
        changing = scope["method"] in _CHANGING and _route(scope) not in READING
        outcome = Outcome.FAILED if status >= _FAILED else Outcome.REFUSED if status >= 400 else Outcome.DONE
        if self._trail.actor and changing and "route" in scope:
            made = _made(body) if outcome is Outcome.DONE else ""
            self._trail.note(Action.ACT, _items(scope), _target(scope, f" {status}{made}"), outcome)
        elif status in _REFUSED and "route" in scope:
            known = bool(self._trail.actor)  # of strangers nothing is kept that they wrote
            target = _target(scope, f" {status}") if known else f"{scope['method']} {_route(scope)} {status}"
            self._trail.note(Action.READ, _items(scope) if known else (), target, outcome)
        elif outcome is Outcome.DONE and self._trail.actor:
            exported = _route(scope).endswith("/export")
            if exported or scope.get(_ADMINISTRATIVE):
                action = Action.EXPORT if exported else Action.READ
                self._trail.note(action, _items(scope), _target(scope, f" {status}"))


def _route(scope: Scope) -> str:
    """Return the template of the route: it holds no text of the caller."""
    return str(getattr(scope.get("route"), "path", ""))


def _target(scope: Scope, ended: str = "") -> str:
    """Return method and route, how it ended, and the names in the address of whom or what it is about."""
    values: Mapping[str, Any] = scope.get("path_params", {})
    named = "".join(f" {name}={value}" for name, value in values.items() if name != "document_id")
    return f"{scope['method']} {_route(scope)}{ended}{named}"


def _made(body: bytes) -> str:
    """Return the ids that the answer to an act names, as ``id=…``; nothing else of it is kept."""
    try:
        said = json.loads(body) if 0 < len(body) <= _READ_AT_MOST else None
    except ValueError:
        return ""
    if not isinstance(said, dict):
        return ""
    ids = ((name, value) for name, value in said.items() if name == "id" or name.endswith("_id"))
    return "".join(f" {name}={value}" for name, value in ids if isinstance(value, str) and _ID.fullmatch(value))


def _items(scope: Scope) -> tuple[Item, ...]:
    document = str(scope.get("path_params", {}).get("document_id", ""))
    return (Item(document),) if _ID.fullmatch(document) else ()
