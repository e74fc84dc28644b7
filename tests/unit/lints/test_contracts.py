"""The contracts of import-linter in pyproject.toml break when they should: run on a small copy of the house."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lints.project import Project

ROOT = Path(__file__).resolve().parents[3]
HOUSE = {
    "wenyuan/db/engine.py": "import sqlalchemy\n",
    "wenyuan/jobs/queue.py": "import sqlalchemy\nfrom wenyuan.db import engine\n",
    "wenyuan/models/sessions.py": "import onnxruntime\n",
    "wenyuan/access.py": "",
    "ingest/parsing/unstructured_port.py": "def parse():\n    from unstructured.partition import auto\n",
    "ingest/parsing/choose.py": "from ingest.parsing import unstructured_port\n",
    "ingest/ocr/paddle.py": "import paddleocr\n",
    "ingest/pipeline.py": "from wenyuan.jobs import queue\n",
    "retrieval/index/edge.py": "import qdrant_edge\nfrom qdrant_client import models\n",
    "retrieval/rerank/local.py": "import rerankers\n",
    "retrieval/service.py": "from retrieval.index import edge\n",
    "generation/llm/chat.py": "from llama_index.core import llms\n",
    "generation/service.py": "from retrieval import service\nfrom generation.llm import chat\n",
    "api/app.py": "import fastapi\nfrom ingest import pipeline\nfrom generation import service\n",
    "eval/routes.py": "import fastapi\nfrom api import app\n",
    "eval/run.py": "from eval import routes\n",
}


def broken(root: Path, changes: dict[str, str]) -> set[str]:
    """Lay the house with ``changes`` below ``root`` and return the names of the broken contracts."""
    files = HOUSE | changes
    folders = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    Project.of(root, files | {f"{folder}/__init__.py": "" for folder in folders})
    command: list[str | Path] = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", "--config"]
    run = subprocess.run(
        [*command, ROOT / "pyproject.toml"],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(\S.*) (KEPT|BROKEN)(?: \(.*\))?$", run.stdout, re.MULTILINE))
    assert len(verdicts) >= 9, run.stdout + run.stderr
    assert (run.returncode == 0) is ("BROKEN" not in verdicts.values())
    return {name.split(" only")[0].split(":")[0] for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_the_house_as_it_should_be(tmp_path: Path) -> None:
    assert broken(tmp_path, {}) == set()


def test_every_contract_breaks(tmp_path: Path) -> None:
    breaches = {
        "wenyuan/access.py": "def f():\n    import onnxruntime\n",
        "retrieval/query.py": "import sqlalchemy\nimport fastapi\n",
        "ingest/other.py": "import qdrant_client.models\nimport unstructured\nimport rerankers\n",
        "generation/prompts.py": "from llama_index.llms import openai_like\nimport paddleocr\n",
        "ingest/cross.py": "from retrieval import service\n",
    }
    assert broken(tmp_path, breaches) == {
        "Layers",
        "qdrant_client, qdrant_edge and simsimd",
        "unstructured",
        "paddleocr",
        "rerankers",
        "llama_index",
        "fastapi and starlette",
        "sqlalchemy and alembic",
        "onnxruntime",
    }


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ingest/cross.py", "from retrieval import service\n"),
        ("retrieval/cross.py", "import ingest.pipeline\n"),
        ("wenyuan/up.py", "from api import app\n"),
        ("api/evaluation.py", "from eval import run\n"),
    ],
)
def test_layers(tmp_path: Path, path: str, text: str) -> None:
    assert broken(tmp_path, {path: text}) == {"Layers"}
