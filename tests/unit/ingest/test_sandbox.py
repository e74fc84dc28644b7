"""The sandbox against real children: limits, deaths, cancellation, confinement."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import media
from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json
from ingest.sandbox.runner import _error
from tests.unit.ingest.parsing.pdf_files import draw, plain_page
from wenyuan.errors import FileCorrupt, FileError, FileUnsafe, ParserFailed, ParserLimit
from wenyuan.settings import IngestSettings

ROOT = Path(__file__).resolve().parents[3]


def children() -> list[int]:
    """Return the sandbox's children of this process; other tests' children (a browser, a database) are left alone."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            command = status.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z" and b"ingest.sandbox.child" in command:
            found.append(int(status.parent.name))
    return found


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return draw(tmp_path / "a.pdf", plain_page, plain_page)


async def test_a_result_comes_back_with_its_cost(pdf: Path) -> None:
    seen: list[tuple[int, int]] = []
    result = await Sandbox(IngestSettings()).run("parse_pdf", pdf, {}, lambda done, total: seen.append((done, total)))
    assert b"\xe5\xb7\xae\xe6\x97\x85" in result.payload
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert 5 < result.peak_mb < 150
    assert not children()


async def test_the_error_of_a_child_comes_back_as_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(FileCorrupt):
        await Sandbox(IngestSettings()).run("parse_pdf", path, {})
    pages = draw(path, plain_page, plain_page)
    with pytest.raises(FileUnsafe) as caught:
        await Sandbox(IngestSettings(max_pages=1)).run("parse_pdf", pages, {})
    assert caught.value.params == {"reason": "2 pages > 1"}


async def test_an_unexpected_exception_names_its_place_and_nothing_else(pdf: Path) -> None:
    with pytest.raises(ParserFailed) as caught:
        await Sandbox(IngestSettings()).run("parse_pdf", pdf, {"skip": 7})
    assert str(caught.value.params["reason"]).startswith("TypeError in ")


async def test_time_is_limited(pdf: Path) -> None:
    with pytest.raises(ParserLimit) as caught:
        await Sandbox(IngestSettings(parse_wall_s=0.01, parse_wall_per_page_s=0)).run("parse_pdf", pdf, {})
    assert caught.value.params["reason"] == "1 s"
    assert not children()


async def test_memory_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (9900, 9900), 255).save(path, compress_level=1)
    options: dict[str, Json] = {"media_type": media.PNG, "wanted": [{"page": 1}]}
    with pytest.raises(ParserLimit) as caught:
        await Sandbox(IngestSettings(parse_memory_mb=256)).run("bitmaps", path, options)
    assert caught.value.params["reason"] == "256 MB"


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        (signal.SIGSEGV, "file.parser_died", "SIGSEGV"),
        (signal.SIGABRT, "file.parser_died", "SIGABRT"),
        (signal.SIGXCPU, "file.parser_limit", "process died: SIGXCPU"),
    ],
)
async def test_a_child_that_dies_is_named_by_its_signal(
    pdf: Path, number: signal.Signals, code: str, reason: str
) -> None:
    def kill(done: int, total: int) -> None:
        for pid in children():
            os.kill(pid, number)

    # Enough pages that the child is still at work when the signal comes.
    long = draw(pdf.with_name("long.pdf"), *[plain_page] * 300)
    with pytest.raises(ParserLimit) as caught:
        await Sandbox(IngestSettings()).run("parse_pdf", long, {}, kill)
    assert (caught.value.code, caught.value.params["reason"]) == (code, reason)


async def test_cancellation_kills_the_child(pdf: Path) -> None:
    started = asyncio.Event()
    long = draw(pdf.with_name("long.pdf"), *[plain_page] * 300)
    run = Sandbox(IngestSettings()).run("parse_pdf", long, {}, lambda done, total: started.set())
    task = asyncio.create_task(run)
    await started.wait()
    (pid,) = children()
    assert os.getsid(pid) == pid
    assert b"PYTEST_CURRENT_TEST" not in environment(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children()


async def test_children_queue_up_behind_the_limit(pdf: Path) -> None:
    sandbox = Sandbox(IngestSettings(), max_children=1)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, len(await asyncio.to_thread(children)))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(sandbox.run("parse_pdf", pdf, {}) for _ in range(3)))
    watching.cancel()
    assert most == 1


def test_unknown_codes_and_odd_parameters_stay_file_errors() -> None:
    assert type(_error(b'{"code": "nonsense", "params": {"a": 1}}')) is FileError
    assert type(_error(b'{"code": "file.unsafe", "params": {}}')) is FileError
    assert type(_error(b'{"code": "file.unsafe", "params": {"reason": "x"}}')) is FileUnsafe


PROBE = """
    import io, os, resource, socket, sys
    from pathlib import Path
    from ingest.sandbox import confine

    allowed, work, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    confine.limit_resources(512, 10, 1, 64)
    print("network", confine.cut_network())
    print("files", confine.confine_files([allowed], work))

    def attempt(name, action):
        try:
            action()
        except OSError as error:
            print(name, type(error).__name__)
        else:
            print(name, "done")

    attempt("read-allowed", lambda: allowed.read_bytes())
    attempt("read-other", lambda: allowed.with_name("other").read_bytes())
    attempt("read-passwd", lambda: Path("/etc/passwd").read_bytes())
    attempt("write-allowed", lambda: (allowed.open("ab").write(b"x")))
    attempt("write-work", lambda: (work / "x").write_bytes(b"x"))
    attempt("write-large", lambda: (work / "y").write_bytes(bytes(2**21)))
    attempt("connect", lambda: socket.create_connection(("127.0.0.1", port), timeout=2))
"""


async def test_a_confined_process_reads_its_file_alone_and_reaches_nobody(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    allowed = tmp_path / "allowed"
    for path in (allowed, tmp_path / "other"):
        path.write_bytes(b"data")
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        command = [sys.executable, "-c", textwrap.dedent(PROBE), str(allowed), str(work), str(port)]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=True, cwd=work
        )
    said = dict(line.split() for line in done.stdout.splitlines())
    assert said["read-allowed"] == said["write-work"] == "done"
    assert said["write-large"] == "OSError"
    if said["files"] == "True":
        denied = ("read-other", "read-passwd", "write-allowed")
        assert [said[name] for name in denied] == ["PermissionError"] * 3
    if said["network"] == "True" or said["files"] == "True":
        assert said["connect"] != "done"
    # One of the two stands on every kernel the product is run on in earnest.
    assert "True" in (said["network"], said["files"])


CALLS = """
    import ctypes, socket, sys
    from ingest.sandbox.calls import refuse_calls

    def attempt(name, action):
        try:
            action()
        except OSError as error:
            print(name, type(error).__name__)
        else:
            print(name, "done")

    def connect():
        with socket.socket(fileno=made.detach()) as client:
            client.connect(sys.argv[2])

    def trace():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(16, 1, 0, 0) < 0 and ctypes.get_errno() == 13:
            raise PermissionError

    made = socket.socket(socket.AF_UNIX)
    print("filter", refuse_calls(own_sockets=sys.argv[1] == "own"))
    attempt("local", lambda: socket.socket(socket.AF_UNIX).bind(sys.argv[2] + ".mine"))
    attempt("internet", lambda: socket.socket(socket.AF_INET))
    attempt("packets", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
    attempt("connect", connect)
    attempt("trace", trace)
    attempt("pair", socket.socketpair)
    attempt("file", lambda: open("/dev/null").close())
"""


@pytest.mark.parametrize("sockets", ["none", "own"])
async def test_a_child_connects_to_no_socket_that_is_a_file_either(tmp_path: Path, sockets: str) -> None:
    path = tmp_path / "s"
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), path)
    async with server:
        command = [sys.executable, "-c", textwrap.dedent(CALLS), sockets, str(path)]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=True
        )
    said = dict(line.split() for line in done.stdout.splitlines())
    assert said.pop("filter") == "True"
    assert said == {
        "local": "done" if sockets == "own" else "PermissionError",
        "internet": "PermissionError",
        "packets": "PermissionError",
        "connect": "PermissionError",
        "trace": "PermissionError",
        "pair": "done",
        "file": "done",
    }


def test_a_child_starts_fast_because_it_imports_little() -> None:
    code = (
        "import sys, ingest.sandbox.child, ingest.parsing.operations, ingest.parsing.pdf.document; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "pydantic", "asyncio", "sqlalchemy", "unstructured", "onnxruntime", "lxml"}


def test_image_bytes_pass_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "white").save(path)
    options: dict[str, Json] = {"media_type": media.PNG, "page": 1, "boxes": [], "long_side": 40}
    result = asyncio.run(Sandbox(IngestSettings()).run("render_page", path, options))
    assert Image.open(io.BytesIO(result.payload)).size == (40, 30)
