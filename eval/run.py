"""``python -m eval.run --dataset PATH --layout beir|squad|demo --out DIR``: measure the product on a data set.

Exit code 0 when the run is complete, 2 with one sentence when the data set, the layout or a setting is wrong.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from eval.options import Bars, Options
from wenyuan.errors import WenyuanError
from wenyuan.obs import configure_logging
from wenyuan.settings import Settings, load_settings

LAYOUTS: Final = ("beir", "squad", "demo")
USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one evaluation and return the exit code."""
    options = _parse(arguments)
    try:
        report = asyncio.run(evaluate(options, load_settings()))
    except WenyuanError as error:
        print(f"{error.message('zh')} {error.message('en')} [{error.code}]", file=sys.stderr)
        return USAGE
    print(options.out / "report.json")
    for name, value in report["metrics"].items():
        print(f"  {name:24} {'—' if value is None else value}")
    return 0


async def evaluate(options: Options, settings: Settings) -> dict[str, Any]:
    """Run the evaluation, write its files to ``options.out`` and return the report."""
    options.out.mkdir(parents=True, exist_ok=True)
    with Bars() as told:
        if options.layout == "demo":
            from eval.demo.measure import measure_demo

            return await measure_demo(options, settings, told)
        from eval.texts.measure import measure_texts

        return await measure_texts(options, settings, told)


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m eval.run", description="Measure the product on a data set.")
    parser.add_argument("--dataset", type=Path, required=True, help="folder (beir, demo) or file (squad)")
    parser.add_argument("--layout", choices=LAYOUTS, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the report and of the workspace")
    parser.add_argument("--limit", type=_positive, help="only the first N questions; the corpus stays whole")
    parser.add_argument("--as", dest="user", metavar="USER", help="ask as this user of the workspace")
    parser.add_argument("--depth", type=_positive, default=100, help="passages ranked for a question (default 100)")
    parser.add_argument("--arms", action="store_true", help="measure the lexical and the dense arm alone as well")
    parser.add_argument("--answers", action="store_true", help="squad: answer the questions as a chat would")
    parser.add_argument("--reuse", action="store_true", help="demo: ask in the workspace of an earlier run")
    return Options(**vars(parser.parse_args(arguments)))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


if __name__ == "__main__":
    configure_logging("WARNING")
    sys.exit(main())
