"""The model store: building, verifying, repairing and finding model folders."""

import http.server
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.serving import serving
from tests.unit.models.exported import write_export
from wenyuan.models.errors import DownloadDisabled, ModelDamaged, ModelMissing
from wenyuan.models.manifest import read_verified
from wenyuan.models.store import OFFLINE, ensure_offline_embedder, resolve


def _visible(models: Path) -> list[str]:
    """What the store holds, besides its lock."""
    return sorted(path.name for path in models.iterdir() if path.name != ".lock")


def test_builds_once_and_then_only_verifies(weights: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    first = ensure_offline_embedder(models, weights)
    stamp = first.graph.stat().st_mtime_ns
    second = ensure_offline_embedder(models, weights)
    assert second.graph.stat().st_mtime_ns == stamp
    assert first.manifest == second.manifest
    assert _visible(models) == [OFFLINE]
    assert resolve(OFFLINE, models).manifest.dimension == 64


def test_manifest_describes_the_model(weights: Path, tmp_path: Path) -> None:
    folder = ensure_offline_embedder(tmp_path / "models", weights)
    written = json.loads((folder.path / "model.json").read_text(encoding="utf-8"))
    assert written["kind"] == "embedder"
    assert written["query_prefix"] == "query: "
    assert written["passage_prefix"] == "passage: "
    assert written["max_tokens"] == 32
    assert set(written["files"]) == {"model.onnx", "tokenizer.json"}


@pytest.mark.parametrize("victim", ["model.onnx", "tokenizer.json", "model.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_damage_is_noticed_and_mended(weights: Path, tmp_path: Path, victim: str, damage: str) -> None:
    folder = ensure_offline_embedder(tmp_path / "models", weights)
    path = folder.path / victim
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 0x01
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.unlink()
    with pytest.raises((ModelDamaged, ModelMissing)):
        resolve(OFFLINE, tmp_path / "models")
    mended = ensure_offline_embedder(tmp_path / "models", weights)
    assert mended.manifest == folder.manifest
    read_verified(mended.path)


def test_parallel_builds_leave_one_intact_model(weights: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: ensure_offline_embedder(models, weights), range(8)))
    assert len({folder.manifest.fingerprint for folder in built}) == 1
    assert _visible(models) == [OFFLINE]
    read_verified(models / OFFLINE)


def test_what_a_killed_build_left_behind_is_removed(weights: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    (models / ".build-killed").mkdir(parents=True)
    (models / ".build-killed" / "part").write_bytes(b"x")
    ensure_offline_embedder(models, weights)
    assert _visible(models) == [OFFLINE]
    assert not (models / ".build-killed").exists()


def test_fingerprint_follows_the_weights(weights: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.bin"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 0x01
    changed.write_bytes(content)
    one = ensure_offline_embedder(tmp_path / "one", weights).manifest
    two = ensure_offline_embedder(tmp_path / "two", changed).manifest
    assert one.fingerprint != two.fingerprint


def test_a_file_outside_the_folder_is_refused(weights: Path, tmp_path: Path) -> None:
    folder = ensure_offline_embedder(tmp_path / "models", weights)
    manifest = folder.path / "model.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"model.onnx"', '"../model.onnx"'), encoding="utf-8"
    )
    with pytest.raises(ModelDamaged, match="inside its folder"):
        read_verified(folder.path)


def test_missing_models_say_where_to_put_them(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"python -m wenyuan\.models"):
        resolve(OFFLINE, tmp_path)
    with pytest.raises(ModelMissing, match=r"my-model"):
        resolve("./no/such/my-model", tmp_path)
    with pytest.raises(ModelMissing):
        resolve("", tmp_path)
    with pytest.raises(DownloadDisabled) as caught:
        resolve("BAAI/bge-m3", tmp_path)
    assert str(tmp_path / "BAAI--bge-m3") in caught.value.message("zh")


def test_a_placed_hub_model_needs_no_download(tmp_path: Path) -> None:
    write_export(tmp_path / "acme--small-zh")
    assert resolve("acme/small-zh", tmp_path).manifest.dimension == 4


def test_command_line_builds_and_reports(tmp_path: Path) -> None:
    """The real weights, as `make setup` builds them."""
    command = [sys.executable, "-m", "wenyuan.models", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "fingerprint" in done.stdout
    assert resolve(OFFLINE, tmp_path).manifest.dimension == 384


class _Hub(http.server.BaseHTTPRequestHandler):
    """As much of a hub as a snapshot download asks for."""

    protocol_version = "HTTP/1.1"
    folder: Path
    commit = "0123456789abcdef0123456789abcdef01234567"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        names = [str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()]
        if path.startswith("/api/models/acme/small-zh/tree/"):
            rows = [
                {"type": "file", "path": name, "size": (self.folder / name).stat().st_size, "oid": "0" * 40}
                for name in names
            ]
            self._send(json.dumps(rows).encode(), "application/json")
        elif path.startswith("/api/models/acme/small-zh"):
            body = {"id": "acme/small-zh", "sha": self.commit, "siblings": [{"rfilename": name} for name in names]}
            self._send(json.dumps(body).encode(), "application/json")
        elif path.startswith(f"/acme/small-zh/resolve/{self.commit}/"):
            self._send((self.folder / path.split(self.commit + "/")[1]).read_bytes(), "application/octet-stream")
        else:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("ETag", f'"{hash(body) & (1 << 60):x}{len(body)}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    write_export(tmp_path / "published")
    handler = type("Hub", (_Hub,), {"folder": tmp_path / "published"})
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


_FETCH = """
import sys
from pathlib import Path
from wenyuan.errors import WenyuanError
from wenyuan.models.store import resolve
try:
    print(resolve("acme/{name}", Path(sys.argv[1]), allow_download=True).manifest.fingerprint)
except WenyuanError as error:
    print(error.code, error.message("en"))
"""


def _fetch(name: str, models: Path, hub: str) -> str:
    # The hub client reads its address when it is imported: hence a process of its own.
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(models / "hf"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", _FETCH.format(name=name), str(models)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    return done.stdout.strip()


def test_downloads_from_a_hub_when_allowed(hub: str, tmp_path: Path) -> None:
    models = tmp_path / "models"
    fingerprint = _fetch("small-zh", models, hub)
    assert fingerprint == resolve(str(tmp_path / "published"), models).manifest.fingerprint
    assert resolve("acme/small-zh", models).manifest.fingerprint == fingerprint


def test_a_failed_download_leaves_nothing(hub: str, tmp_path: Path) -> None:
    models = tmp_path / "models"
    answer = _fetch("absent", models, hub)
    assert answer.startswith("model.download_failed")
    assert "acme--absent" in answer
    assert set(_visible(models)) <= {"hf"}
