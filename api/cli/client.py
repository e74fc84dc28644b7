"""The command line speaks HTTP: to a running server, or to the application in its own process.

So there is one path to every document, with the same token, scope and checks, whoever asks.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import httpx
import typer

from wenyuan.errors import WenyuanError
from wenyuan.text import strip_invisible

T = TypeVar("T")
#: Options of every command that speaks to the service.
Url = Annotated[str | None, typer.Option("--server", envvar="WENYUAN_URL", help="Address of a running server.")]
Token = Annotated[str | None, typer.Option("--token", envvar="WENYUAN_TOKEN", help="Access token.", show_default=False)]
TIMEOUT: Final = httpx.Timeout(120.0, connect=5.0)


class Refused(Exception):
    """The service answered with a problem document."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(f"{detail} [{code}]")


class Client:
    """Calls of the API that raise ``Refused`` instead of returning an error."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the JSON body of the answer (None if it has none)."""
        response = await self._http.request(method, path, **arguments)
        if response.is_error:
            raise _refused(response)
        return response.json() if response.content else None

    async def fetch(self, path: str, **arguments: Any) -> bytes:
        """Return the body of the answer as it came."""
        response = await self._http.get(path, **arguments)
        if response.is_error:
            raise _refused(response)
        return response.content

    async def upload(self, path: str, file: Path, fields: dict[str, str]) -> Any:
        """Send a file and return the acknowledgement."""
        with file.open("rb") as stream:
            return await self.call("POST", path, data=fields, files={"file": (file.name, stream)})

    async def wait(self, job_id: str, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Follow a job to its end, telling every change."""
        shown: dict[str, Any] = {}
        while True:
            job: dict[str, Any] = await self.call("GET", f"/v1/jobs/{job_id}")
            if job != shown:
                tell(job)
                shown = job
            if job["state"] in ("done", "dead"):
                return job
            await asyncio.sleep(0.3)


@contextlib.asynccontextmanager
async def connect(url: str | None, token: str | None) -> AsyncIterator[Client]:
    """Yield a client of the server at ``url``, or of the application run in this process."""
    headers = {"Accept-Language": "zh" if os.environ.get("LANG", "").lower().startswith("zh") else "en"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if url is not None:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False) as http:
            yield Client(http)
        return
    from api.app import create_app
    from wenyuan.obs import configure_logging
    from wenyuan.settings import load_settings

    configure_logging("ERROR")  # what failed is told by the answer
    app = create_app(load_settings())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://wenyuan", headers=headers) as http:
            yield Client(http)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work``; a refusal or an error of ours ends the command with its sentence and exit code 1."""
    try:
        return asyncio.run(_await(work))
    except (Refused, WenyuanError) as error:
        fail(str(error))
    except httpx.TransportError as error:
        fail(f"the server cannot be reached ({type(error).__name__}) / 无法连接服务")


def with_client(url: str | None, token: str | None, work: Callable[[Client], Awaitable[T]]) -> T:
    """Connect and run ``work``."""

    async def connected() -> T:
        async with connect(url, token) as client:
            return await work(client)

    return run(connected)


def say(text: str, *, err: bool = False) -> None:
    """Print text that came from elsewhere: what would steer a terminal, or reorder what it shows, is left out."""
    typer.echo(strip_invisible(text).replace("\r", " "), err=err)


def fail(message: str) -> NoReturn:
    """Print the sentence to standard error and exit with 1."""
    say(message, err=True)
    raise typer.Exit(1)


async def _await(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _refused(response: httpx.Response) -> Refused:
    try:
        body = response.json()
        return Refused(body["code"], body["detail"])
    except (ValueError, KeyError, TypeError):
        return Refused("http", f"HTTP {response.status_code}")
