"""`model.json`: what a model folder holds, how its vectors are made, and the hashes that prove it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wenyuan.models.errors import ModelDamaged, ModelMissing

MANIFEST = "model.json"

Pooling = Literal["graph", "mean", "cls", "last"]


def _inside_folder(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or name in {"", "."}:
        raise ValueError("a file of a model lies inside its folder")
    return name


RelativeName = Annotated[str, AfterValidator(_inside_folder)]


class FileEntry(BaseModel):
    """Size in bytes and SHA-256 (hex) of one file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """Description of an embedding model, or of the reader made from one.

    `pooling` says who turns token states into one vector: the graph itself, or the embedder by mean, first or
    last token. `identity` names what determines the vectors: for a model built from a recipe, the recipe and
    the hash of its source, so that a rebuild with another library version keeps its fingerprint; else the hashes
    of its files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    kind: Literal["embedder", "reader"] = "embedder"
    name: str = Field(min_length=1)
    origin: str = ""
    identity: str = Field(min_length=1)
    dimension: int = Field(ge=1, le=65536)
    max_tokens: int = Field(ge=8)
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: Pooling
    fused: bool = False
    graph: RelativeName
    tokenizer: RelativeName
    files: dict[RelativeName, FileEntry]
    fingerprint: str = ""

    def with_fingerprint(self) -> "Manifest":
        """The same manifest with `fingerprint` filled in."""
        return self.model_copy(update={"fingerprint": self._fingerprint()})

    def is_consistent(self) -> bool:
        """Whether graph and tokenizer are listed and the fingerprint belongs to the other fields."""
        return {self.graph, self.tokenizer} <= self.files.keys() and self.fingerprint == self._fingerprint()

    def _fingerprint(self) -> str:
        parts = (
            self.identity, self.dimension, self.max_tokens, self.query_prefix, self.passage_prefix, self.pooling,
        )  # fmt: skip
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A verified folder with its manifest."""

    path: Path
    manifest: Manifest

    @property
    def graph(self) -> Path:
        """Path of the ONNX graph."""
        return self.path / self.manifest.graph

    @property
    def tokenizer(self) -> Path:
        """Path of the tokenizer's JSON file."""
        return self.path / self.manifest.tokenizer


def entry(path: Path) -> FileEntry:
    """Measure and hash a file."""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return FileEntry(bytes=path.stat().st_size, sha256=digest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `model.json` with its fingerprint."""
    text = manifest.with_fingerprint().model_dump_json(indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_verified(folder: Path) -> ModelFolder:
    """Read `model.json` and check every file's size and hash (about 1 s for 1 GB).

    Raises `ModelMissing` without a manifest and `ModelDamaged` naming the first file that does not fit.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelMissing(model=folder.name, hint=str(path))
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "JSON"
        raise ModelDamaged(model=folder.name, file=MANIFEST, detail=f"{where}: {first['msg']}") from error
    if not manifest.is_consistent():
        raise ModelDamaged(model=folder.name, file=MANIFEST, detail="fingerprint")
    for name, expected in manifest.files.items():
        _verify(folder, name, expected)
    return ModelFolder(folder, manifest)


def _verify(folder: Path, name: str, expected: FileEntry) -> None:
    path = folder / name
    if not path.is_file():
        raise ModelDamaged(model=folder.name, file=name, detail="0 bytes")
    size = path.stat().st_size
    if size != expected.bytes:
        raise ModelDamaged(model=folder.name, file=name, detail=f"{size} != {expected.bytes} bytes")
    if entry(path).sha256 != expected.sha256:
        raise ModelDamaged(model=folder.name, file=name, detail="SHA-256")
