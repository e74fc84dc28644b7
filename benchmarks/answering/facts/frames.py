"""Facts of offices in two languages: how a document states them, other true ways to say them, and denials of them.

``{a}`` is a value of the fact, ``{a2}`` a second one of the same kind. Every entry of ``said`` is true of ``written``;
every entry of ``denied`` contradicts it. ``swap`` names two values that, exchanged in a saying, make it false.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Lines = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of fact: its values by kind, and its sentences by language."""

    name: str
    kinds: Mapping[str, str]
    written: Lines
    said: Lines
    denied: Lines
    swap: tuple[str, str] | None = None
    bounds: Lines | None = None


FRAMES: tuple[Frame, ...] = (
    Frame(
        "lodging",
        {"p": "place", "m": "money"},
        {
            "zh": ("员工在{p}出差的住宿标准为每人每天{m}，超出部分自行承担。", "{p}的住宿费限额为每人每天{m}。"),
            "en": (
                "The lodging limit for employees travelling to {p} is {m} per person per day.",
                "Hotel costs in {p} are reimbursed up to {m} per person per day.",
            ),
        },
        {
            "zh": ("到{p}出差，住宿标准是每人每天{m}。", "每人每天{m}是{p}的住宿限额。", "{p}住宿每天每人限{m}。"),
            "en": (
                "In {p}, the lodging limit is {m} a day per person.",
                "For {p}, hotel costs are limited to {m} per person per day.",
                "{m} per person per day is the hotel limit in {p}.",
            ),
        },
        {"zh": ("{p}的住宿标准不是每人每天{m}。",), "en": ("The lodging limit in {p} is not {m} per person per day.",)},
    ),
    Frame(
        "notice",
        {"c": "company", "t": "days"},
        {
            "zh": ("{c}变更关键材料的，应至少提前{t}书面通知买方。",),
            "en": ("{c} shall notify the buyer in writing at least {t} before changing key materials.",),
        },
        {
            "zh": (
                "变更关键材料时，{c}须至少提前{t}以书面形式通知买方。",
                "{c}如变更关键材料，必须提前不少于{t}书面告知买方。",
            ),
            "en": (
                "Before changing key materials, {c} must notify the buyer in writing at least {t} in advance.",
                "The buyer must be notified in writing by {c} no less than {t} before key materials change.",
            ),
        },
        {
            "zh": ("{c}变更关键材料的，无须提前{t}书面通知买方。",),
            "en": ("{c} need not notify the buyer in writing {t} before changing key materials.",),
        },
        bounds={
            "zh": (
                "{c}变更关键材料的，应至多提前{t}书面通知买方。",
                "变更关键材料时，{c}须提前不超过{t}书面通知买方。",
            ),
            "en": ("{c} shall notify the buyer in writing at most {t} before changing key materials.",),
        },
    ),
    Frame(
        "payment",
        {"c": "company", "c2": "company", "m": "money", "t": "days"},
        {
            "zh": ("{c}应在验收合格后{t}内向{c2}支付合同价款{m}。",),
            "en": ("{c} shall pay {c2} the contract price of {m} within {t} of acceptance.",),
        },
        {
            "zh": ("验收合格后{t}内，{c}须向{c2}付款{m}。", "合同价款{m}由{c}在验收合格后{t}内支付给{c2}。"),
            "en": (
                "Within {t} of acceptance, {c} must pay {c2} {m}.",
                "The contract price of {m} shall be paid by {c} to {c2} within {t} of acceptance.",
            ),
        },
        {
            "zh": ("{c}不得在验收合格后{t}内向{c2}支付合同价款{m}。",),
            "en": ("{c} shall not pay {c2} the contract price of {m} within {t} of acceptance.",),
        },
        swap=("c", "c2"),
    ),
    Frame(
        "takeover",
        {"c": "company", "c2": "company", "d": "date", "m": "bigmoney"},
        {
            "zh": ("{d}，{c}以{m}收购了{c2}的全部股权。",),
            "en": ("On {d}, {c} acquired all shares of {c2} for {m}.",),
        },
        {
            "zh": ("{c}于{d}收购{c2}全部股权，价格为{m}。", "{c2}的全部股权于{d}被{c}以{m}收购。"),
            "en": (
                "{c} acquired {c2} on {d} for {m}.",
                "{c2} was acquired by {c} on {d} for {m}.",
                "All shares of {c2} were bought by {c} for {m} on {d}.",
            ),
        },
        {"zh": ("{c}没有在{d}收购{c2}的全部股权。",), "en": ("{c} did not acquire {c2} on {d}.",)},
        swap=("c", "c2"),
    ),
    Frame(
        "revenue",
        {"c": "company", "y": "year", "m": "bigmoney", "r": "percent"},
        {
            "zh": ("{y}，{c}实现营业收入{m}，同比增长{r}。",),
            "en": ("In {y}, {c} recorded revenue of {m}, an increase of {r} over the previous year.",),
        },
        {
            "zh": (
                "{c}{y}的营业收入为{m}，较上年增长{r}。",
                "{c}{y}营业收入同比增长{r}，达到{m}。",
                "{c}在{y}实现营业收入{m}。",
            ),
            "en": (
                "{c}'s revenue was {m} in {y}, up {r} from the previous year.",
                "Revenue of {c} increased by {r} to {m} in {y}.",
                "{c} recorded {m} of revenue in {y}.",
            ),
        },
        {
            "zh": ("{c}{y}的营业收入为{m}，较上年下降{r}。", "{y}，{c}营业收入同比减少{r}。"),
            "en": (
                "In {y}, {c}'s revenue of {m} was down {r} from the previous year.",
                "Revenue of {c} decreased by {r} in {y}.",
            ),
        },
    ),
    Frame(
        "current",
        {"g": "product", "a": "ampere", "v": "volt"},
        {
            "zh": ("{g}的额定电流为{a}，额定电压为{v}。",),
            "en": ("{g} has a rated current of {a} and a rated voltage of {v}.",),
        },
        {
            "zh": ("{g}额定电压{v}，额定电流{a}。", "{g}的额定电流是{a}。", "{v}是{g}的额定电压。"),
            "en": (
                "The rated voltage of {g} is {v} and its rated current {a}.",
                "{g}'s rated current is {a}.",
                "{g} is rated at {v}.",
            ),
        },
        {"zh": ("{g}的额定电流并非{a}。",), "en": ("The rated current of {g} is not {a}.",)},
    ),
    Frame(
        "warranty",
        {"g": "product", "t": "months"},
        {
            "zh": ("{g}的质保期为自验收之日起{t}，人为损坏不在质保范围内。",),
            "en": (
                "The warranty of {g} lasts {t} from the date of acceptance and does not cover damage caused by misuse.",
            ),
        },
        {
            "zh": ("自验收之日起，{g}质保{t}。", "{g}的质保期为{t}，不包括人为损坏。"),
            "en": (
                "From the date of acceptance, {g} is under warranty for {t}.",
                "{g}'s warranty lasts {t}; damage caused by misuse is not covered.",
            ),
        },
        {
            "zh": ("{g}的质保期为{t}，人为损坏也在质保范围内。",),
            "en": ("The warranty of {g} covers damage caused by misuse.",),
        },
    ),
    Frame(
        "approval",
        {"m": "money", "n": "person"},
        {
            "zh": ("单笔支出超过{m}的，须经{n}书面批准。",),
            "en": ("Single expenses above {m} must be approved in writing by {n}.",),
        },
        {
            "zh": ("超过{m}的单笔支出须由{n}书面批准。", "{n}书面批准后，方可支出单笔超过{m}的费用。"),
            "en": (
                "{n} must approve in writing any single expense above {m}.",
                "Written approval by {n} is required for single expenses of more than {m}.",
            ),
        },
        {
            "zh": ("单笔支出超过{m}的，无须{n}批准。",),
            "en": ("Single expenses above {m} do not need to be approved by {n}.",),
        },
        bounds={
            "zh": ("单笔支出低于{m}的，须经{n}书面批准。", "不超过{m}的单笔支出须由{n}书面批准。"),
            "en": ("Single expenses below {m} must be approved in writing by {n}.",),
        },
    ),
    Frame(
        "appointment",
        {"n": "person", "c": "company", "d": "date"},
        {
            "zh": ("董事会聘任{n}为{c}总经理，任期自{d}起。",),
            "en": ("The board appointed {n} general manager of {c} with effect from {d}.",),
        },
        {
            "zh": ("{n}自{d}起担任{c}总经理。", "自{d}起，{c}的总经理由{n}担任。"),
            "en": (
                "{n} has been general manager of {c} since {d}.",
                "{n} was appointed general manager of {c} by the board from {d}.",
            ),
        },
        {"zh": ("董事会没有聘任{n}为{c}总经理。",), "en": ("The board did not appoint {n} general manager of {c}.",)},
    ),
    Frame(
        "temperature",
        {"g": "product", "x": "celsius", "h": "percent"},
        {
            "zh": ("{g}应存放在温度不高于{x}、相对湿度不超过{h}的库房内。",),
            "en": ("{g} shall be stored at a temperature of no more than {x} and a relative humidity of at most {h}.",),
        },
        {
            "zh": ("存放{g}的库房，温度不得超过{x}，相对湿度不得高于{h}。", "{g}的存放温度最高{x}。"),
            "en": (
                "The storage temperature of {g} must not exceed {x}.",
                "{g} must be stored at a relative humidity of no more than {h} and a temperature of at most {x}.",
            ),
        },
        {"zh": ("{g}不得存放在库房内。",), "en": ("{g} shall not be stored at a temperature of no more than {x}.",)},
        bounds={
            "zh": ("{g}应存放在温度不低于{x}的库房内。", "{g}的存放温度最低{x}。"),
            "en": ("{g} shall be stored at a temperature of at least {x}.",),
        },
    ),
    Frame(
        "leave",
        {"t": "years", "k": "dayscount"},
        {
            "zh": ("工龄满{t}的员工每年享有{k}带薪年假，当年未休的年假不得结转到次年。",),
            "en": (
                (
                    "Employees with {t} of service are entitled to {k} of paid annual leave a year;"
                    " unused leave may not be carried over."
                ),
            ),
        },
        {
            "zh": (
                "员工工龄满{t}，每年可享受{k}带薪年假。",
                "工龄满{t}的员工，带薪年假为每年{k}，未休的不能结转到次年。",
            ),
            "en": (
                "After {t} of service, employees are entitled to {k} of paid leave each year.",
                "Unused annual leave cannot be carried over; employees with {t} of service get {k} a year.",
            ),
        },
        {
            "zh": ("当年未休的年假可以结转到次年。", "工龄满{t}的员工不享有{k}带薪年假。"),
            "en": (
                "Unused annual leave may be carried over.",
                "Employees with {t} of service are not entitled to {k} of paid annual leave.",
            ),
        },
    ),
    Frame(
        "permission",
        {"g": "product", "n": "person"},
        {
            "zh": ("未经{n}许可，任何人不得操作{g}。",),
            "en": ("Nobody may operate {g} without permission from {n}.",),
        },
        {
            "zh": ("未经{n}许可，不得操作{g}。", "没有{n}的许可，任何人都不能操作{g}。", "操作{g}须经{n}许可。"),
            "en": (
                "Without permission from {n}, nobody is allowed to operate {g}.",
                "{g} may only be operated with permission from {n}.",
            ),
        },
        {
            "zh": ("未经{n}许可，可以操作{g}。", "操作{g}无须{n}许可。"),
            "en": (
                "Anybody may operate {g} without permission from {n}.",
                "{g} may be operated without permission from {n}.",
            ),
        },
    ),
    Frame(
        "supply",
        {"c": "company", "c2": "company", "g": "product", "q": "pieces"},
        {
            "zh": ("{c}每季度向{c2}供应{q}{g}。",),
            "en": ("{c} supplies {q} {g} to {c2} every quarter.",),
        },
        {
            "zh": ("每个季度，{c}供应给{c2}{q}{g}。", "{c2}每季度由{c}供应{q}{g}。"),
            "en": ("Every quarter, {c2} is supplied with {q} {g} by {c}.", "{c} supplies {c2} with {q} {g} a quarter."),
        },
        {"zh": ("{c}不再向{c2}供应{g}。",), "en": ("{c} no longer supplies {g} to {c2}.",)},
        swap=("c", "c2"),
    ),
    Frame(
        "compare",
        {"g": "product", "g2": "product", "r": "percent"},
        {
            "zh": ("{g}的能耗比{g2}低{r}。",),
            "en": ("The energy consumption of {g} is {r} lower than that of {g2}.",),
        },
        {
            "zh": ("与{g2}相比，{g}的能耗低{r}。", "{g}比{g2}的能耗低{r}。", "{g2}的能耗高于{g}。"),
            "en": (
                "{g} consumes {r} less energy than {g2}.",
                "Compared with {g2}, the energy consumption of {g} is {r} lower.",
                "{g2} has a higher energy consumption than {g}.",
            ),
        },
        {
            "zh": ("{g}的能耗不低于{g2}。", "{g}的能耗高于{g2}。"),
            "en": (
                "The energy consumption of {g} is not lower than that of {g2}.",
                "The energy consumption of {g} is higher than that of {g2}.",
            ),
        },
        swap=("g", "g2"),
    ),
    Frame(
        "distance",
        {"p": "place", "p2": "place", "l": "length", "y": "year"},
        {
            "zh": ("从{p}到{p2}的输电线路全长{l}，{y}投入运行。",),
            "en": ("The power line from {p} to {p2} is {l} long and went into operation in {y}.",),
        },
        {
            "zh": ("{y}投入运行的{p}至{p2}输电线路长{l}。", "{p}到{p2}的输电线路全长为{l}。"),
            "en": (
                "Running from {p} to {p2}, the power line has a length of {l}.",
                "The power line from {p} to {p2} went into operation in {y}.",
            ),
        },
        {
            "zh": ("从{p}到{p2}的输电线路没有投入运行。",),
            "en": ("The power line from {p} to {p2} did not go into operation in {y}.",),
        },
    ),
    Frame(
        "retention",
        {"t": "years", "n": "person"},
        {
            "zh": ("检验记录由{n}保管，保存期限不少于{t}。",),
            "en": ("Inspection records are kept by {n} for a minimum of {t}.",),
        },
        {
            "zh": ("{n}负责保管检验记录，至少保存{t}。", "检验记录至少保存{t}。"),
            "en": (
                "{n} keeps inspection records for at least {t}.",
                "Inspection records must be kept for no less than {t}.",
            ),
        },
        {"zh": ("检验记录不由{n}保管。", "检验记录无须保存。"), "en": ("Inspection records are not kept by {n}.",)},
        bounds={"zh": ("检验记录最多保存{t}。",), "en": ("Inspection records are kept for at most {t}.",)},
    ),
    Frame(
        "penalty",
        {"c": "company", "r": "percent", "t": "dayscount"},
        {
            "zh": ("{c}逾期交货的，每逾期一天按合同总价的{r}支付违约金；逾期超过{t}的，买方有权解除合同。",),
            "en": (
                (
                    "If {c} delivers late, it pays {r} of the contract price for each day of delay;"
                    " after more than {t} the buyer may terminate the contract."
                ),
            ),
        },
        {
            "zh": ("{c}每逾期交货一天，须支付合同总价{r}的违约金。", "逾期超过{t}时，买方有权解除合同。"),
            "en": (
                "{c} pays {r} of the contract price per day of late delivery.",
                "The buyer may terminate the contract after more than {t} of delay.",
            ),
        },
        {
            "zh": ("逾期超过{t}的，买方无权解除合同。",),
            "en": ("After more than {t} of delay the buyer may not terminate the contract.",),
        },
        bounds={
            "zh": ("逾期不到{t}的，买方有权解除合同。",),
            "en": ("After less than {t} of delay the buyer may terminate the contract.",),
        },
    ),
    Frame(
        "staff",
        {"c": "company", "p": "place", "k": "people", "y": "year"},
        {
            "zh": ("截至{y}年底，{c}在{p}有员工{k}。",),
            "en": ("At the end of {y}, {c} employed {k} in {p}.",),
        },
        {
            "zh": ("{y}年底，{c}在{p}的员工为{k}。", "截至{y}年底，{c}{p}员工共{k}。"),
            "en": ("{c} employed {k} in {p} at the end of {y}.", "In {p}, {c} had {k} at the end of {y}."),
        },
        {"zh": ("截至{y}年底，{c}在{p}没有员工。",), "en": ("At the end of {y}, {c} employed nobody in {p}.",)},
    ),
    Frame(
        "loan",
        {"c": "company", "c2": "company", "m": "bigmoney", "r": "percent", "d": "date"},
        {
            "zh": ("{d}，{c}向{c2}提供贷款{m}，年利率为{r}。",),
            "en": ("On {d}, {c} granted {c2} a loan of {m} at an annual rate of {r}.",),
        },
        {
            "zh": ("{c2}于{d}从{c}获得{m}贷款。", "{c}在{d}贷给{c2}{m}，年利率{r}。"),
            "en": (
                "{c2} was granted a loan of {m} by {c} on {d}.",
                "{c} lent {m} to {c2} on {d} at {r} a year.",
            ),
        },
        {"zh": ("{d}，{c}拒绝向{c2}提供贷款。",), "en": ("On {d}, {c} refused {c2} a loan of {m}.",)},
        swap=("c", "c2"),
    ),
    Frame(
        "meeting",
        {"n": "person", "p": "place", "d": "date", "k": "people"},
        {
            "zh": ("年度股东大会于{d}在{p}召开，由{n}主持，共有{k}出席。",),
            "en": ("The annual meeting of shareholders was held in {p} on {d}, chaired by {n} and attended by {k}.",),
        },
        {
            "zh": (
                "{d}，{n}在{p}主持了年度股东大会。",
                "出席{d}年度股东大会的有{k}。",
                "年度股东大会在{p}举行，{n}担任主持人。",
            ),
            "en": (
                "{n} chaired the annual meeting of shareholders in {p} on {d}.",
                "{k} attended the annual meeting of shareholders held on {d}.",
            ),
        },
        {
            "zh": ("年度股东大会没有在{p}召开。", "{n}未主持{d}的年度股东大会。"),
            "en": ("The annual meeting of shareholders was not held in {p}.",),
        },
    ),
    Frame(
        "service",
        {"g": "product", "t": "months", "m": "money"},
        {
            "zh": ("{g}应至少每{t}检修一次，每次检修费用不超过{m}。",),
            "en": ("{g} must be serviced at least every {t}, and each service costs no more than {m}.",),
        },
        {
            "zh": ("每{t}至少要对{g}检修一次。", "{g}每次检修的费用最多{m}。"),
            "en": ("At least every {t}, {g} has to be serviced.", "Each service of {g} costs at most {m}."),
        },
        {"zh": ("{g}无须每{t}检修。",), "en": ("{g} does not need to be serviced every {t}.",)},
        bounds={"zh": ("{g}每次检修的费用至少{m}。",), "en": ("Each service of {g} costs at least {m}.",)},
    ),
    Frame(
        "discount",
        {"c": "company", "g": "product", "r": "percent", "y": "year"},
        {
            "zh": ("{y}起，{c}将{g}的售价下调{r}，老客户除外。",),
            "en": ("From {y}, {c} reduces the price of {g} by {r}, except for existing customers.",),
        },
        {
            "zh": ("{c}从{y}起把{g}的价格降低{r}。", "{g}的售价自{y}起由{c}下调{r}。"),
            "en": (
                "The price of {g} is reduced by {r} by {c} from {y}.",
                "{c} lowers the price of {g} by {r} from {y}.",
            ),
        },
        {
            "zh": ("{y}起，{c}将{g}的售价上调{r}。", "{c}没有下调{g}的售价。"),
            "en": ("From {y}, {c} raises the price of {g} by {r}.", "{c} does not reduce the price of {g}."),
        },
    ),
)
