"""Nothing calls out: not at import, not while documents of every kind are read, indexed and asked."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("paddle", "paddleocr", "paddlex", "unstructured", "llama_index", "onnxruntime", "torch", "spacy", "cv2")

IMPORT = """
import json, sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(event) if event.startswith("socket.") else None)
from api.app import create_app
from wenyuan.settings import Settings
create_app(Settings())
print(json.dumps({"modules": sorted({name.partition(".")[0] for name in sys.modules}), "sockets": opened}))
"""

# In a network namespace of its own there is no route to anywhere: the kernel counts every attempt to leave.
MAIN_JOB = """
import asyncio, json, pathlib, sys, tempfile
from tests.site import EVERYONE, open_site, site_settings

async def main():
    with tempfile.TemporaryDirectory() as folder:
        async with open_site(site_settings(pathlib.Path(folder))) as site:
            await site.space("company", [EVERYONE])
            for name in FILES:
                file = pathlib.Path("eval/demo/corpus", name)
                await site.publish(file.name, file.read_bytes(), "company")
            li = await site.person("li")
            return [(await li.ask(question))["refused"] for question in QUESTIONS]

print(json.dumps(asyncio.run(main())))
"""
FILES = [
    "employee-handbook.docx",
    "travel-policy.pdf",
    "board-minutes-scan.pdf",
    "customer-faq.html",
    "maintenance-notice.eml",
]
QUESTIONS = ["婚假有几天？", "董事会审议了哪些事项？"]

ATTEMPT = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError:
    pass
print("[]")
"""
COUNTER = """
with open("/proc/net/snmp") as lines:
    names, values = [line.split() for line in lines if line.startswith("Ip:")]
print(dict(zip(names, values))["OutNoRoutes"], file=sys.stderr)
"""


def run(code: str, *prefix: str) -> subprocess.CompletedProcess[str]:
    # Some libraries keep quiet where they see a build server: here they are to think that this is a user's machine.
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_CURRENT_TEST")}
    command = [*prefix, sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=170, check=True)


def test_importing_the_application_is_light_and_opens_no_socket() -> None:
    found = json.loads(run(IMPORT).stdout)
    assert found["sockets"] == []
    assert not set(HEAVY) & set(found["modules"])


def test_the_main_job_makes_no_attempt_to_leave_the_machine() -> None:
    isolate = shutil.which("unshare")
    if isolate is None or subprocess.run([isolate, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no network namespaces")
    prefix = (isolate, "-rn")
    control = run(f"import sys\n{ATTEMPT}\n{COUNTER}", *prefix)
    assert int(control.stderr.split()[-1]) > 0, "the counter does not see an attempt"
    code = f"import sys\nFILES = {FILES!r}\nQUESTIONS = {QUESTIONS!r}\n{MAIN_JOB}\n{COUNTER}"
    done = run(code, *prefix)
    assert json.loads(done.stdout.splitlines()[-1]) == [False, False]
    assert int(done.stderr.split()[-1]) == 0
