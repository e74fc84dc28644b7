"""``python -m eval.demo``: the main job from end to end on the demo corpus, in a few minutes.

Starts the product on a fresh data folder, makes people and spaces, uploads the corpus, asks questions as different
people and shows cited answers and refusals. Exit code 0 when everything shown is as it should be, 1 with the reasons
otherwise.
"""

import argparse
import asyncio
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eval.demo.asking import Reply, ask
from eval.demo.company import read_company
from eval.demo.measure import empty_data_folder
from eval.demo.product import Product, open_product
from eval.demo.show import Screen, people, reason_of
from eval.demo.sweep import Sweep, sweep
from wenyuan.errors import WenyuanError
from wenyuan.machine import machine_facts
from wenyuan.obs import configure_logging
from wenyuan.settings import load_settings

#: Questions shown one by one, and pairs of one question asked by someone entitled and by someone who is not.
SINGLE: Final = ("q01", "q04", "q08", "q12", "q10", "q18", "q15", "q20", "q38")
PAIRS: Final = (("q05", "q34"), ("q24", "q29"), ("q25", "q30"), ("q26", "q31"), ("q28", "q33"))
#: People whose tokens are printed, so that the page can be tried as both.
GUESTS: Final = ("lilei", "hanmei")
_COMPANY: Final = Path(__file__).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.demo", description="Show the main job on the demo corpus.")
    parser.add_argument("--out", type=Path, default=Path("var/demo"), help="folder for the demo (default var/demo)")
    parser.add_argument("--reuse", action="store_true", help="keep the documents of an earlier run")
    options = parser.parse_args(arguments)
    screen = Screen()
    try:
        failed = asyncio.run(run(screen, options.out / "data", reuse=options.reuse))
    except WenyuanError as error:
        print(error.message("zh"), error.message("en"), sep="\n", file=sys.stderr)
        return 1
    return 1 if failed else 0


async def run(screen: Screen, data: Path, *, reuse: bool) -> list[str]:
    """Show everything and return what was not as it should be."""
    start = time.monotonic()
    company = read_company(_COMPANY)
    if not reuse:
        empty_data_folder(data)
    settings = load_settings().model_copy(update={"data_dir": data})
    screen.heading(f"文渊演示：{company.names['zh']}", f"Wenyuan demo: {company.names['en']}")
    for line in people(company):
        screen.line(line)
    screen.heading(f"入库 {len(company.documents)} 份文件", f"ingesting {len(company.documents)} files")
    async with open_product(company, settings, screen.job) as product:
        screen.line(f"  {time.monotonic() - start:.0f} s")
        replies = await _show(screen, product)
        swept = await sweep(product, replies)
        failed = _shortfalls(product, replies, swept)
        _summary(screen, product, replies, swept, failed)
    facts = machine_facts()
    screen.line(
        f"  用时 / time: {time.monotonic() - start:.0f} s on {facts['cores']} × {facts['cpu']}, "
        f"calibration {facts['calibration_ms']} ms"
    )
    _how_to_go_on(screen, product, data)
    return failed


async def _show(screen: Screen, product: Product) -> list[Reply]:
    """Ask and show the single questions, then the pairs; return all replies."""
    company = product.company
    replies = []
    screen.heading("提问", "questions")
    for number, question_id in enumerate(SINGLE, start=1):
        reply = await ask(product, company.question(question_id))
        screen.reply(f"{number}.", product, reply)
        replies.append(reply)
    screen.heading("同一个问题，不同的人", "the same question, different people")
    for number, (entitled, other) in enumerate(PAIRS, start=len(SINGLE) + 1):
        allowed, denied = [await ask(product, company.question(question_id)) for question_id in (entitled, other)]
        screen.pair(f"{number}.", product, allowed, denied)
        replies += [allowed, denied]
    return replies


def _shortfalls(product: Product, replies: Sequence[Reply], swept: Sweep) -> list[str]:
    """Return a sentence for everything that was not as it should be."""
    return [
        *(f"{file}: {reason}" for file, reason in product.failed.items()),
        *(f"{reply.question.id} ({reply.user.id}): {reason_of(reply)}" for reply in replies if not reply.right),
        *(f"leak to {leak.user}: {leak.place} {leak.what}" for leak in swept.leaks),
        *(f"refused wrongly to {item.user}: {item.place} {item.what}" for item in swept.refused_wrongly),
    ]


def _summary(screen: Screen, product: Product, replies: Sequence[Reply], swept: Sweep, failed: Sequence[str]) -> None:
    answered = [reply for reply in replies if reply.question.expect == "answer"]
    refusals = [reply for reply in replies if reply.question.expect == "refuse"]
    screen.heading("小结", "summary")
    published = len(product.documents) - len(product.failed)
    screen.line(f"  文件 / files: {published}/{len(product.documents)}")
    screen.line(f"  答案与出处正确 / right answer and source: {_count(answered)}")
    screen.line(f"  正确拒答 / right refusals: {_count(refusals)}")
    screen.line(f"  越权访问尝试 / attempts to see more than allowed: {swept.attempts}, leaks: {len(swept.leaks)}")
    for sentence in failed:
        screen.line(f"  ✗ {sentence}")


def _count(replies: Sequence[Reply]) -> str:
    return f"{sum(reply.right for reply in replies)}/{len(replies)}"


def _how_to_go_on(screen: Screen, product: Product, data: Path) -> None:
    """Say how to open the page on the demo's data, and how to begin with data of one's own."""
    screen.heading("接下来", "what next")
    screen.line("  用演示数据打开网页 / open the page on the demo's data:")
    screen.line(f"    WENYUAN_DATA_DIR={shlex.quote(str(data))} make serve")
    screen.line("    http://127.0.0.1:8000    # 选“使用访问令牌登录” / choose “Sign in with an access token”")
    screen.line("  令牌（只显示这一次，7 天有效）/ tokens (shown this once, valid for 7 days):")
    for user_id in GUESTS:
        user = product.company.user(user_id)
        screen.line(f"    {user.name} ({user.id}): {product.tokens[user_id]}")
    screen.line("  从自己的资料开始 / begin with your own documents:")
    screen.line("    .venv/bin/wenyuan init    # 管理员令牌 / the administrator's token")
    screen.line("    make serve")


if __name__ == "__main__":
    configure_logging("CRITICAL")  # what goes wrong is shown on the screen
    sys.exit(main())
