"""The server as a process of its own, with a data folder, a port and a folder for temporary files of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).resolve().parents[1]
READY_PATIENCE_S: Final = 120.0
STOP_PATIENCE_S: Final = 30.0
ORPHAN_PATIENCE_S: Final = 3.0
_RUN: Final = "from api.cli import main; main()"


class Server:
    """Starts, kills and stops the server; every life uses the same folder and port.

    ``variables``: more settings, by their names without the prefix.
    """

    def __init__(
        self, folder: Path, models: Path, *, ocr: bool = False, variables: Mapping[str, str] | None = None
    ) -> None:
        self.data = folder / "data"
        self._temporary = folder / "tmp"
        self._log = folder / "server.log"
        self._models = models
        self._ocr = ocr
        self._variables = {f"WENYUAN_{name}": value for name, value in (variables or {}).items()}
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._started = 0.0
        self.url = f"http://127.0.0.1:{self._port}"
        self._temporary.mkdir(parents=True)

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def change(self, variables: Mapping[str, str]) -> None:
        """Set more settings, by their names without the prefix, from the next start on."""
        self._variables |= {f"WENYUAN_{name}": value for name, value in variables.items()}

    async def start(self) -> None:
        """Start the process without waiting for it."""
        self._started = time.monotonic()
        self._process = await self._spawn("serve", "--port", str(self._port))

    async def ready(self) -> float:
        """Wait until the server says it is ready; returns seconds since its start."""
        assert self._process is not None
        async with httpx.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as http:
            while time.monotonic() - self._started < READY_PATIENCE_S:
                if self._process.returncode is not None:
                    break
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/readyz")).status_code == 200:
                        return time.monotonic() - self._started
                await asyncio.sleep(0.02)
        raise RuntimeError(f"the server did not get ready; its log ends with:\n{self.log_end()}")

    async def kill(self) -> int:
        """Kill the process with SIGKILL; returns how many of its children outlive it by ``ORPHAN_PATIENCE_S``."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        return await self._orphans()

    async def stop(self) -> tuple[float, int]:
        """Stop it with SIGTERM; returns seconds (``inf`` if it had to be killed) and the children that outlive it."""
        assert self._process is not None
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_PATIENCE_S):
                await self._process.wait()
            seconds = time.monotonic() - began
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            seconds = float("inf")
        return seconds, await self._orphans()

    async def close(self) -> None:
        """Make sure that nothing runs any more."""
        if self.running:
            await self.kill()

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run another command of the product on the same folder; returns its exit code and standard output."""
        process = await self._spawn(*arguments, piped=True)
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode().strip()

    def memory_mb(self, field: str) -> float:
        """Return a size that the kernel counts of the process: ``VmRSS``, or ``VmHWM``, its peak."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition(f"{field}:")[2].split()[0]) / 1024

    def cpu_s(self) -> float:
        """Return the seconds of CPU that the process has taken, without its children."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(status[11]) + int(status[12])) / os.sysconf("SC_CLK_TCK")

    def forget_peak(self) -> None:
        """Have the kernel count the peak anew."""
        assert self._process is not None
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5", encoding="ascii")

    def left_in_temporary_folder(self) -> int:
        """Return how many entries the lives of the server left in the folder for temporary files."""
        return len(list(self._temporary.iterdir()))

    def log_end(self) -> str:
        """Return the last lines of the log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-20:])

    async def _spawn(self, *arguments: str, piped: bool = False) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _RUN,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if piped else log,
                stderr=log,
                cwd=self._temporary.parent,
                env=self._environment(),
            )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WENYUAN_")}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self._temporary),
            "WENYUAN_DATA_DIR": str(self.data),
            "WENYUAN_MODELS_DIR": str(self._models),
            "WENYUAN_INGEST__OCR": str(self._ocr).lower(),
            "WENYUAN_INGEST__MIN_FREE_MB": "0",
            **self._variables,
        }

    async def _orphans(self) -> int:
        """Processes are known by the folder for temporary files in their environment, whoever their parent is now."""
        mark = str(self._temporary).encode()
        deadline = time.monotonic() + ORPHAN_PATIENCE_S
        while (left := _processes_with(mark)) and time.monotonic() < deadline:  # noqa: ASYNC110 - the kernel changes it
            await asyncio.sleep(0.05)
        return left


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _processes_with(mark: bytes) -> int:
    found = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found += mark in (entry / "environ").read_bytes()
    return found
