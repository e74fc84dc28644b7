"""Which kinds of sources there are, what their configuration may say, and the connector of each.

A configuration names entries of the settings (folders, endpoints) and places below them; it holds no secret, no
address and no path of the machine.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ingest.sources.connectors.folder import FolderConnector
from ingest.sources.connectors.s3 import S3Connector
from ingest.sources.connectors.webdav import WebDavConnector
from ingest.sources.errors import SourceMisconfigured
from ingest.sources.port import Connector, key_fits
from wenyuan.db.sources import Source
from wenyuan.settings import SourceCredentials, SourceEndpoint, SourcesSettings

PUSH: Final = "push"
"""The kind without a connector of ours: somebody else's sends items and deletions."""

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "folder": frozenset({"root", "path"}),
    "s3": frozenset({"endpoint", "bucket", "prefix", "metadata"}),
    "webdav": frozenset({"endpoint", "path"}),
    PUSH: frozenset(),
}
KINDS: Final = tuple(_FIELDS)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")


def check_config(kind: str, config: Mapping[str, str], settings: SourcesSettings) -> None:
    """Raise ``SourceMisconfigured`` unless a connector can be made of it."""
    if kind not in _FIELDS:
        raise SourceMisconfigured(reason=f"kind: {', '.join(KINDS)}")
    unknown = set(config) - _FIELDS[kind]
    if unknown:
        raise SourceMisconfigured(reason=f"config: {min(unknown)[:64]}")
    if kind != PUSH:
        _MAKERS[kind](config, settings)


def open_connector(source: Source, settings: SourcesSettings) -> Connector:
    """Return the connector of a source; nothing is connected yet. Raises ``SourceMisconfigured``."""
    if source.kind not in _MAKERS:
        raise SourceMisconfigured(reason=f"kind: {source.kind}")
    return _MAKERS[source.kind](source.config, settings)


def _folder(config: Mapping[str, str], settings: SourcesSettings) -> Connector:
    root = settings.folders.get(config.get("root", ""))
    if root is None:
        raise SourceMisconfigured(reason="root: sources.folders")
    path = _path(config, "path")
    parts = path.split("/") if path else []
    return FolderConnector(root, parts, settle_s=settings.settle_s, max_items=settings.max_items)


def _s3(config: Mapping[str, str], settings: SourcesSettings) -> Connector:
    endpoint, credentials = _endpoint(config, settings, "s3")
    if credentials is not None and (credentials.user is None or credentials.password is None):
        # Half an account would send the library looking for another one on this machine.
        raise SourceMisconfigured(reason="sources.credentials: user, password")
    bucket, prefix = config.get("bucket", ""), config.get("prefix", "")
    if not _BUCKET.fullmatch(bucket) or (endpoint.buckets and bucket not in endpoint.buckets):
        raise SourceMisconfigured(reason="bucket")
    if prefix and not key_fits(prefix.removesuffix("/")):
        raise SourceMisconfigured(reason="prefix")
    if config.get("metadata", "no") not in {"yes", "no"}:
        raise SourceMisconfigured(reason="metadata: yes, no")
    # A prefix is a folder here: "hr" is not to take in "hr-secret/".
    prefix = f"{prefix.removesuffix('/')}/" if prefix else ""
    return S3Connector(endpoint, credentials, bucket, prefix, metadata=config.get("metadata") == "yes")


def _webdav(config: Mapping[str, str], settings: SourcesSettings) -> Connector:
    endpoint, credentials = _endpoint(config, settings, "webdav")
    return WebDavConnector(endpoint, credentials, _path(config, "path"), max_items=settings.max_items)


_MAKERS: Final[Mapping[str, Callable[[Mapping[str, str], SourcesSettings], Connector]]] = {
    "folder": _folder,
    "s3": _s3,
    "webdav": _webdav,
}


def _endpoint(
    config: Mapping[str, str], settings: SourcesSettings, kind: str
) -> tuple[SourceEndpoint, SourceCredentials | None]:
    endpoint = settings.endpoints.get(config.get("endpoint", ""))
    if endpoint is None or endpoint.kind != kind:
        raise SourceMisconfigured(reason=f"endpoint: sources.endpoints ({kind})")
    return endpoint, settings.credentials.get(endpoint.credentials or "")


def _path(config: Mapping[str, str], name: str) -> str:
    path = config.get(name, "").strip("/")
    if path and not key_fits(path):
        raise SourceMisconfigured(reason=name)
    return path
