"""Kinds of facts that were written after the checks were: nothing was tuned on them before they were first measured."""

from typing import Final

from benchmarks.answering.facts.frames import Frame

LATER: Final[tuple[Frame, ...]] = (
    Frame(
        "lease",
        {"c": "new_company", "c2": "new_company", "p": "new_place", "a": "area", "m": "money"},
        {
            "zh": ("{c}将位于{p}的一处厂房租给{c2}，建筑面积{a}，月租金{m}。",),
            "en": ("{c} lets a workshop of {a} in {p} to {c2} at a monthly rent of {m}.",),
        },
        {
            "zh": ("{c2}向{c}租用了{p}的厂房，每月租金{m}。", "{c}租给{c2}的厂房位于{p}，面积为{a}。"),
            "en": (
                "{c2} rents a workshop in {p} from {c} for {m} a month.",
                "The workshop that {c} lets to {c2} is in {p} and has an area of {a}.",
            ),
        },
        {"zh": ("{c}没有把{p}的厂房租给{c2}。",), "en": ("{c} does not let the workshop in {p} to {c2}.",)},
        swap=("c", "c2"),
    ),
    Frame(
        "patent",
        {"c": "new_company", "g": "new_product", "n": "new_person", "d": "date"},
        {
            "zh": ("{d}，{c}取得{g}的发明专利，发明人为{n}。",),
            "en": ("On {d}, {c} was granted a patent for {g}, invented by {n}.",),
        },
        {
            "zh": ("{g}的发明人是{n}，专利于{d}授予{c}。", "{c}在{d}获得了{g}的发明专利。"),
            "en": (
                "{n} is the inventor of {g}, for which {c} received a patent on {d}.",
                "The patent for {g} was granted to {c} on {d}.",
            ),
        },
        {
            "zh": ("{c}未取得{g}的发明专利。", "{g}的发明人不是{n}。"),
            "en": ("{c} was not granted a patent for {g}.", "{g} was not invented by {n}."),
        },
    ),
    Frame(
        "noise",
        {"g": "new_product", "b": "decibel", "w": "mass"},
        {
            "zh": ("{g}运行时的噪声不大于{b}，整机重量为{w}。",),
            "en": ("In operation, the noise of {g} is no more than {b}; it weighs {w}.",),
        },
        {
            "zh": ("{g}的噪声最高{b}。", "{g}重{w}，噪声不超过{b}。"),
            "en": (
                "The noise of {g} does not exceed {b}.",
                "{g} has a weight of {w} and a noise level of at most {b}.",
            ),
        },
        {
            "zh": ("{g}的重量不是{w}。",),
            "en": ("The weight of {g} is not {w}.",),
        },
        bounds={"zh": ("{g}运行时的噪声不小于{b}。",), "en": ("The noise of {g} in operation is at least {b}.",)},
    ),
    Frame(
        "training",
        {"t": "days", "h": "hours", "n": "new_person"},
        {
            "zh": ("新员工入职后{t}内须完成{h}的安全培训，由{n}负责考核，考核不合格者不得上岗。",),
            "en": (
                (
                    "New employees must complete {h} of safety training within {t} of joining and are examined by {n};"
                    " those who fail may not start work."
                ),
            ),
        },
        {
            "zh": (
                "安全培训为{h}，新员工须在入职{t}内完成。",
                "新员工的安全培训由{n}考核。",
                "考核不合格的新员工不能上岗。",
            ),
            "en": (
                "Safety training of {h} has to be completed by new employees within {t} of joining.",
                "{n} examines new employees after their safety training.",
                "New employees who fail the examination are not allowed to start work.",
            ),
        },
        {
            "zh": ("考核不合格的新员工也可以上岗。", "新员工无须在{t}内完成安全培训。"),
            "en": (
                "New employees who fail may start work.",
                "New employees do not have to complete safety training within {t} of joining.",
            ),
        },
        bounds={
            "zh": ("新员工须在入职{t}以后完成安全培训。",),
            "en": ("New employees must complete safety training after {t} of joining.",),
        },
    ),
    Frame(
        "tender",
        {"c": "new_company", "n": "new_person", "p": "new_place", "m": "bigmoney", "y": "year"},
        {
            "zh": ("{y}，{c}中标{p}的污水处理项目，中标金额{m}，项目经理为{n}。",),
            "en": ("In {y}, {c} won the tender for the sewage plant in {p} for {m}; {n} is the project manager.",),
        },
        {
            "zh": ("{p}污水处理项目由{c}于{y}中标，金额为{m}。", "{n}担任{p}污水处理项目的项目经理。"),
            "en": (
                "The tender for the sewage plant in {p} was won by {c} in {y} for {m}.",
                "{n} manages the project of the sewage plant in {p}.",
            ),
        },
        {
            "zh": ("{c}未能中标{p}的污水处理项目。",),
            "en": ("{c} did not win the tender for the sewage plant in {p}.",),
        },
    ),
    Frame(
        "insurance",
        {"c": "new_company", "g": "new_product", "m": "bigmoney", "t": "months"},
        {
            "zh": ("{c}为{g}投保财产险，保险金额{m}，保险期间{t}，地震造成的损失不予赔偿。",),
            "en": ("{c} insures {g} for {m} over {t}; losses caused by earthquakes are not covered.",),
        },
        {
            "zh": ("{g}的财产险由{c}投保，保险金额为{m}。", "{c}给{g}投保了{t}的财产险。", "地震造成的损失不赔。"),
            "en": (
                "{g} is insured by {c} for {m}.",
                "{c} has insured {g} for a period of {t}.",
                "Earthquake losses are not covered by the insurance of {g}.",
            ),
        },
        {
            "zh": ("地震造成的损失予以赔偿。", "{c}没有为{g}投保财产险。"),
            "en": ("Losses caused by earthquakes are covered.", "{c} does not insure {g}."),
        },
    ),
    Frame(
        "attendance",
        {"k": "minutes", "m": "money", "n": "new_person"},
        {
            "zh": ("迟到{k}以上的，扣发当月奖金{m}，但经{n}事先同意的除外。",),
            "en": ("Whoever is late by {k} or more loses {m} of the monthly bonus, unless {n} agreed beforehand.",),
        },
        {
            "zh": ("员工迟到{k}以上，当月奖金扣{m}。", "经{n}事先同意，迟到{k}以上不扣奖金。"),
            "en": (
                "Being late by {k} or more costs {m} of the monthly bonus.",
                "If {n} agreed beforehand, no bonus is lost for being late.",
            ),
        },
        {
            "zh": ("迟到{k}以上的，不扣发当月奖金。",),
            "en": ("Whoever is late by {k} or more loses nothing of the monthly bonus.",),
        },
        bounds={
            "zh": ("迟到{k}以下的，扣发当月奖金{m}。",),
            "en": ("Whoever is late by less than {k} loses {m} of the monthly bonus.",),
        },
    ),
    Frame(
        "merger",
        {"c": "new_company", "c2": "new_company", "r": "percent", "d": "date"},
        {
            "zh": ("截至{d}，{c}持有{c2}{r}的股份，是其最大股东。",),
            "en": ("As of {d}, {c} holds {r} of the shares of {c2} and is its largest shareholder.",),
        },
        {
            "zh": ("{c2}{r}的股份由{c}持有。", "{c}是{c2}的最大股东，持股{r}。"),
            "en": (
                "{r} of the shares of {c2} are held by {c}.",
                "{c} is the largest shareholder of {c2}, with {r} of its shares.",
            ),
        },
        {
            "zh": ("{c}不持有{c2}的股份。", "{c}不是{c2}的最大股东。"),
            "en": ("{c} does not hold any shares of {c2}.", "{c} is not the largest shareholder of {c2}."),
        },
        swap=("c", "c2"),
    ),
)

#: Kinds of facts that nothing was mended with since LATER was looked into.
NEWEST: Final[tuple[Frame, ...]] = (
    Frame(
        "donation",
        {"c": "new_company", "p": "new_place", "m": "money", "d": "date"},
        {
            "zh": ("{d}，{c}向{p}的一所中学捐赠{m}，用于购买图书。",),
            "en": ("On {d}, {c} donated {m} to a secondary school in {p} to buy books.",),
        },
        {
            "zh": ("{c}捐给{p}一所中学{m}买书。", "{p}的一所中学于{d}收到{c}捐赠的{m}。"),
            "en": (
                "{c} gave a secondary school in {p} {m} for books.",
                "A secondary school in {p} received a donation of {m} from {c} on {d}.",
            ),
        },
        {
            "zh": ("{c}没有向{p}的中学捐赠。",),
            "en": ("{c} did not donate anything to the secondary school in {p}.",),
        },
    ),
    Frame(
        "maintenance",
        {"g": "new_product", "n": "new_person", "h": "hours", "t": "months"},
        {
            "zh": ("{g}每{t}由{n}保养一次，故障应在{h}内排除，不得带病运行。",),
            "en": (
                "{g} is maintained by {n} every {t}; faults must be removed within {h}, and it may not run with any.",
            ),
        },
        {
            "zh": ("{n}每{t}对{g}做一次保养。", "{g}出现故障后须在{h}内排除。", "{g}不得带病运行。"),
            "en": (
                "Every {t}, {n} maintains {g}.",
                "Faults of {g} have to be removed within {h}.",
                "{g} may not run with faults.",
            ),
        },
        {
            "zh": ("{g}可以带病运行。", "{g}的保养不由{n}负责。"),
            "en": ("{g} may run with faults.", "{g} is not maintained by {n}."),
        },
        bounds={
            "zh": ("{g}的故障应在{h}后排除。",),
            "en": ("Faults of {g} must be removed after {h}.",),
        },
    ),
    Frame(
        "lawsuit",
        {"c": "new_company", "c2": "new_company", "m": "bigmoney", "y": "year"},
        {
            "zh": ("{y}，{c}起诉{c2}侵犯商标权，法院判决{c2}赔偿{m}。",),
            "en": ("In {y}, {c} sued {c2} for infringing a trade mark, and the court ordered {c2} to pay {m}.",),
        },
        {
            "zh": ("{c2}因侵犯商标权于{y}被{c}起诉。", "法院判{c2}赔偿{m}。"),
            "en": (
                "{c2} was sued by {c} in {y} for infringing a trade mark.",
                "The court ordered {c2} to pay {m} to {c}.",
            ),
        },
        {"zh": ("{c}没有起诉{c2}。",), "en": ("{c} did not sue {c2}.",)},
        swap=("c", "c2"),
    ),
    Frame(
        "overtime",
        {"k": "hours", "r": "percent", "n": "new_person"},
        {
            "zh": ("每月加班累计不得超过{k}，周末加班按工资的{r}另行计发，由{n}审核，实习生不适用。",),
            "en": (
                (
                    "Overtime may not exceed {k} a month; at weekends another {r} of the wage is paid after"
                    " review by {n}. This does not apply to interns."
                ),
            ),
        },
        {
            "zh": ("员工每月加班最多{k}。", "周末加班另发工资的{r}，由{n}审核。", "加班规定不适用于实习生。"),
            "en": (
                "No more than {k} of overtime are allowed a month.",
                "For overtime at weekends another {r} of the wage is paid, reviewed by {n}.",
            ),
        },
        {
            "zh": ("加班规定也适用于实习生。",),
            "en": ("The rule on overtime applies to interns.",),
        },
        bounds={
            "zh": ("每月加班累计不得少于{k}。",),
            "en": ("Overtime must be at least {k} a month.",),
        },
    ),
)
