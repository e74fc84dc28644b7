"""WebDAV: the files of a collection and of those below it, read by PROPFIND one collection at a time."""

import asyncio
import email.utils
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from ingest.sources.errors import (
    ItemGone,
    ItemName,
    ItemUnreadable,
    ItemUnsettled,
    SourceDenied,
    SourceMisconfigured,
    SourceUnreachable,
)
from ingest.sources.port import MAX_DEPTH, MAX_REVISION, READ_SIZE, Listed, key_fits, passed_over, printable_key
from ingest.xmltree import local, parse_xml
from wenyuan.errors import WenyuanError
from wenyuan.outbound import Guard, guarded_async_client
from wenyuan.settings import SourceCredentials, SourceEndpoint

CONNECT_S: Final = 10
READ_S: Final = 60
MAX_ANSWER_BYTES: Final = 64 * 2**20
ACCESS_PROPERTY: Final = "urn:wenyuan"
_QUESTION: Final = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:W="urn:wenyuan"><D:prop>'
    "<D:resourcetype/><D:getcontentlength/><D:getlastmodified/><D:getetag/><W:access/></D:prop></D:propfind>"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One member of a collection: its path on the server, decoded, and its properties by name."""

    path: str
    collection: bool
    properties: dict[str, str]


class WebDavConnector:
    """Implements :class:`ingest.sources.port.Connector` for what lies below the path of the endpoint and ``path``.

    Members that a server places outside of the collection asked for are passed over; redirects are not followed.
    """

    def __init__(
        self, endpoint: SourceEndpoint, credentials: SourceCredentials | None, path: str, *, max_items: int
    ) -> None:
        import httpx

        url = endpoint.url or ""
        parts = [unquote(urlsplit(url).path).strip("/"), path.strip("/")]
        self._base = "/" + "".join(f"{part}/" for part in parts if part)
        self._origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        self._max_items = max_items
        headers = {"Accept-Encoding": "identity"}
        auth = None
        if credentials is not None and credentials.token is not None:
            headers["Authorization"] = f"Bearer {credentials.token.get_secret_value()}"
        elif credentials is not None:
            password = credentials.password
            auth = httpx.BasicAuth(credentials.user or "", "" if password is None else password.get_secret_value())
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        self._http = guarded_async_client(Guard.for_endpoint(url), headers=headers, auth=auth, timeout=timeout)

    async def listing(self) -> AsyncGenerator[Listed, None]:
        """Yield every file; raises as the port says."""
        waiting, seen = [""], {""}
        while waiting:
            folder = waiting.pop()
            try:
                entries = await self._members(folder)
            except (SourceDenied, ItemUnreadable) as error:
                if not folder:
                    raise error if isinstance(error, SourceDenied) else SourceMisconfigured(reason="path") from error
                yield Listed(folder, error=ItemUnreadable())
                continue
            except ItemGone as error:
                if not folder:
                    raise SourceUnreachable(reason="404") from error
                continue
            for entry in entries:
                item = self._sorted_out(folder, entry)
                if isinstance(item, Listed):
                    yield item
                elif item is not None and item not in seen:
                    seen.add(item)
                    waiting.append(item)
                    if len(seen) > self._max_items:
                        raise SourceUnreachable(reason="collections")

    async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of the file, if it is still the one listed; raises as the port says."""
        import httpx

        etag = item.revision.partition(" ")[0]
        # A weak tag cannot be asked for; size and time of the answer are compared instead.
        headers = {"If-Match": etag} if etag.startswith('"') else {}
        try:
            async with self._http.stream("GET", self._url(item.key), headers=headers) as response:
                self._judge(response.status_code, of_item=True)
                length = response.headers.get("content-length")
                encoded = "content-encoding" in response.headers
                if item.size is not None and length is not None and not encoded and int(length) != item.size:
                    raise ItemUnsettled
                async for data in response.aiter_bytes(READ_SIZE):
                    yield data
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            raise SourceUnreachable(reason=type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _members(self, folder: str) -> list[_Entry]:
        import httpx
        from lxml import etree

        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        try:
            async with self._http.stream(
                "PROPFIND", self._url(folder), headers=headers, content=_QUESTION.encode()
            ) as response:
                self._judge(response.status_code, of_item=bool(folder))
                data = bytearray()
                async for part in response.aiter_bytes():
                    data += part
                    if len(data) > MAX_ANSWER_BYTES:
                        raise SourceUnreachable(reason="size")
            return await asyncio.to_thread(lambda: _entries(parse_xml(bytes(data))))
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise SourceUnreachable(reason=type(error).__name__) from error
        except (etree.XMLSyntaxError, ValueError) as error:
            raise SourceUnreachable(reason="XML") from error

    def _sorted_out(self, folder: str, entry: _Entry) -> Listed | str | None:
        """Return the file, or the folder to go into, that a member of ``folder`` is; None for nothing of it."""
        place = self._base + folder
        if not entry.path.startswith(place):
            return None
        name = entry.path[len(place) :].strip("/")
        key = folder + name
        if not name or "/" in name or passed_over(key):
            return None
        if not key_fits(key) or (entry.collection and key.count("/") + 1 >= MAX_DEPTH):
            return Listed(printable_key(key) + ("/" if entry.collection else ""), error=ItemName())
        return key + "/" if entry.collection else _listed(key, entry.properties)

    def _url(self, key: str) -> str:
        return self._origin + quote(self._base + key)

    def _judge(self, status: int, *, of_item: bool) -> None:
        if status in {200, 207}:
            return
        error: WenyuanError = SourceUnreachable(reason=f"HTTP {status}")
        if status in {404, 410}:
            error = ItemGone()
        elif status == 412:
            error = ItemUnsettled()
        elif status in {401, 403}:
            error = ItemUnreadable() if of_item and status == 403 else SourceDenied()
        elif 300 <= status < 400 or status in {400, 405, 501}:
            error = ItemUnreadable() if of_item else SourceMisconfigured(reason=f"HTTP {status}")
        elif 400 <= status < 500 and status != 429 and of_item:
            error = ItemUnreadable()
        raise error


def _listed(key: str, properties: dict[str, str]) -> Listed:
    size = properties.get("getcontentlength", "")
    etag = properties.get("getetag", "").strip()
    changed = properties.get("getlastmodified", "").strip()
    revision = f"{etag} {size} {changed}"
    if not revision.strip():
        return Listed(key, error=ItemUnreadable())
    try:
        modified = email.utils.parsedate_to_datetime(changed).timestamp()
    except (ValueError, TypeError):
        modified = None
    return Listed(
        key,
        revision[:MAX_REVISION],
        int(size) if size.isascii() and size.isdigit() else None,
        modified,
        properties.get("access"),
    )


def _entries(root: Any) -> list[_Entry]:
    entries = []
    for response in root.iter("{DAV:}response"):
        href = response.findtext("{DAV:}href")
        if not href:
            continue
        properties: dict[str, str] = {}
        collection = False
        for stat in response.iter("{DAV:}propstat"):
            if " 200 " not in f"{stat.findtext('{DAV:}status') or ''} ":
                continue
            for node in stat.iterfind("{DAV:}prop/*"):
                if local(node) == "resourcetype":
                    collection = node.find("{DAV:}collection") is not None
                elif local(node) != "access" or node.tag == f"{{{ACCESS_PROPERTY}}}access":
                    properties[local(node)] = "".join(node.itertext())
        entries.append(_Entry(unquote(urlsplit(href.strip()).path, errors="surrogateescape"), collection, properties))
    return entries
