"""What a child process is told of its surroundings."""

from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]


def child_environment(folder: Path, threads: int = 1) -> dict[str, str]:
    """Return the environment of a child, all caches in its scratch folder; nothing of ours, which may hold secrets."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "DO_NOT_TRACK": "1",
        "SCARF_NO_ANALYTICS": "true",
    }
