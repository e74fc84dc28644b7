"""Values of facts, the many ways to write each of them, and values that are near but not the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
#: Names by kind; each a pair (zh, en).
NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "company": (
        ("北辰电气", "Beichen Electric"),
        ("澄江智配", "Chengjiang Distribution"),
        ("远航物流", "Yuanhang Logistics"),
        ("宏达铸造", "Hongda Foundry"),
        ("云岭铜业", "Yunling Copper"),
        ("天工软件", "Tiangong Software"),
        ("海川石化", "Haichuan Petrochemical"),
        ("金桥资本", "Jinqiao Capital"),
    ),
    "person": (
        ("张伟", "Zhang Wei"),
        ("李敏", "Li Min"),
        ("王建国", "Wang Jianguo"),
        ("陈静", "Chen Jing"),
        ("赵海峰", "Zhao Haifeng"),
        ("刘洋", "Liu Yang"),
        ("周慧敏", "Zhou Huimin"),
        ("孙立军", "Sun Lijun"),
    ),
    "place": (
        ("上海", "Shanghai"),
        ("深圳", "Shenzhen"),
        ("成都", "Chengdu"),
        ("西安", "Xi'an"),
        ("武汉", "Wuhan"),
        ("东京", "Tokyo"),
        ("巴黎", "Paris"),
        ("新加坡", "Singapore"),
    ),
    "product": (
        ("QX-200", "QX-200"),
        ("QX-300", "QX-300"),
        ("KYN28A-12", "KYN28A-12"),
        ("铂盾断路器", "the Bodun breaker"),
        ("灵犀网关", "the Lingxi gateway"),
        ("MX40变压器", "the MX40 transformer"),
        ("苍穹服务器", "the Cangqiong server"),
        ("ZN85", "ZN85"),
    ),
    # Names of the kinds of facts that are held out: nothing else uses them.
    "new_company": (
        ("恒泰药业", "Hengtai Pharma"),
        ("蓝湾置业", "Lanwan Properties"),
        ("长风航空", "Changfeng Airlines"),
        ("百川水务", "Baichuan Water"),
        ("启明检测", "Qiming Testing"),
        ("瑞丰种业", "Ruifeng Seeds"),
        ("中科光谱", "Zhongke Spectrum"),
        ("东岭集团", "Dongling Group"),
    ),
    "new_person": (
        ("郑晓东", "Zheng Xiaodong"),
        ("何芳", "He Fang"),
        ("欧阳明", "Ouyang Ming"),
        ("林志远", "Lin Zhiyuan"),
        ("马丽娜", "Ma Lina"),
        ("高翔", "Gao Xiang"),
        ("徐文静", "Xu Wenjing"),
        ("谢天宇", "Xie Tianyu"),
    ),
    "new_place": (
        ("宁波", "Ningbo"),
        ("昆明", "Kunming"),
        ("长沙", "Changsha"),
        ("厦门", "Xiamen"),
        ("首尔", "Seoul"),
        ("柏林", "Berlin"),
        ("伦敦", "London"),
        ("太原", "Taiyuan"),
    ),
    "new_product": (
        ("HD-60水泵", "the HD-60 pump"),
        ("HD-80水泵", "the HD-80 pump"),
        ("雷霆压缩机", "the Leiting compressor"),
        ("S7离心机", "the S7 centrifuge"),
        ("星河打印机", "the Xinghe printer"),
        ("TK500", "TK500"),
        ("TK550", "TK550"),
        ("青松锅炉", "the Qingsong boiler"),
    ),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a kind: a name's index, a number, or (year, month, day)."""

    kind: str
    data: tuple[int | float, ...]


def figure(number: float) -> str:
    """Write a number plainly."""
    return f"{number:.10g}"


def chinese(number: int) -> str:
    """Write 1 to 99,999,999 in Chinese numerals."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return chinese(high) + "万" + ("" if not low else ("零" if low < 1000 else "") + chinese(low))
    text, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += (
                ("零" if gap and text else "")
                + ("" if digit == 1 and size == 10 and not text else _DIGITS[digit])
                + name
            )
            gap = False
        else:
            gap = True
    return text


def english(number: int) -> str:
    """Write 1 to 99,999 in English words."""
    if number >= 1000:
        high, low = divmod(number, 1000)
        return f"{english(high)} thousand" + (f" {english(low)}" if low else "")
    if number >= 100:
        high, low = divmod(number, 100)
        return f"{_ONES[high]} hundred" + (f" and {english(low)}" if low else "")
    if number >= 20:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]


def _money(value: Value, language: str, rng: random.Random) -> str:
    n = int(value.data[0])
    if language == "zh":
        return rng.choice(
            [f"{n}元", f"{n:,}元", f"¥{n:,}", f"人民币{n}元", f"{figure(n / 1e4)}万元", f"{chinese(n)}元"]
        )
    return rng.choice([f"{n} yuan", f"{n:,} yuan", f"RMB {n:,}", f"CNY {n}", f"¥{n:,}"])


def _big(value: Value, language: str, rng: random.Random) -> str:
    n = value.data[0]
    if language == "zh":
        return rng.choice(
            [f"{figure(n / 1e8)}亿元", f"{figure(n / 1e4)}万元", f"{figure(n / 1e6)}百万元", f"{n:,.0f}元"]
        )
    return rng.choice(
        [
            f"{figure(n / 1e6)} million yuan",
            f"RMB {figure(n / 1e9)} billion",
            f"{n:,.0f} yuan",
            f"RMB {figure(n / 1e6)} million",
        ]
    )


def _date(value: Value, language: str, rng: random.Random) -> str:
    y, m, d = (int(x) for x in value.data)
    if language == "zh":
        return rng.choice([f"{y}年{m}月{d}日", f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}", f"{y} 年 {m} 月 {d} 日"])
    name = _MONTHS[m - 1]
    return rng.choice([f"{name} {d}, {y}", f"{d} {name} {y}", f"{y}-{m:02d}-{d:02d}", f"{name[:3]} {d}, {y}"])


def _year(value: Value, language: str, rng: random.Random) -> str:
    y = int(value.data[0])
    return rng.choice([f"{y}年", f"{y} 年"]) if language == "zh" else str(y)


def _percent(value: Value, language: str, rng: random.Random) -> str:
    n = value.data[0]
    forms = [f"{figure(n)}%", f"{figure(n)} percent"] if language == "en" else [f"{figure(n)}%", f"百分之{figure(n)}"]
    if language == "zh":
        forms += {25.0: ["四分之一"], 50.0: ["一半"], 20.0: ["五分之一"]}.get(n, [])
        forms += [f"百分之{chinese(int(n))}"] if n == int(n) else []
    else:
        forms += {25.0: ["a quarter"], 50.0: ["half"], 20.0: ["one fifth"]}.get(n, [])
    return rng.choice(forms)


def _counted(zh: str, en: str, *, spelled: bool = True) -> Callable[[Value, str, random.Random], str]:
    def write(value: Value, language: str, rng: random.Random) -> str:
        n = value.data[0]
        whole = int(n) if n == int(n) else None
        if language == "zh":
            forms = [f"{figure(n)}{zh}", f"{figure(n)} {zh}"] + (
                [f"{chinese(whole)}{zh}"] if spelled and whole and whole > 2 else []
            )
        else:
            forms = [f"{figure(n)} {en}"] + ([f"{english(whole)} {en}"] if spelled and whole else [])
        return rng.choice(forms)

    return write


def _scaled(small: tuple[str, str], large: tuple[str, str]) -> Callable[[Value, str, random.Random], str]:
    def write(value: Value, language: str, rng: random.Random) -> str:
        n, at = value.data[0], int(language == "en")
        space = " " if language == "en" else ""
        return rng.choice(
            [f"{figure(n)}{space}{small[at]}", f"{figure(n / 1000)}{space}{large[at]}", f"{figure(n)} {small[at]}"]
        )

    return write


def _months(value: Value, language: str, rng: random.Random) -> str:
    n = int(value.data[0])
    forms = [f"{n}个月", f"{chinese(n)}个月"] if language == "zh" else [f"{n} months", f"{english(n)} months"]
    if n % 12 == 0:
        years = n // 12
        forms.append(f"{years}年" if language == "zh" else f"{years} years")
    return rng.choice(forms)


_WRITERS: dict[str, Callable[[Value, str, random.Random], str]] = {
    "money": _money,
    "bigmoney": _big,
    "date": _date,
    "year": _year,
    "percent": _percent,
    "months": _months,
    "days": _counted("天", "days"),
    "dayscount": _counted("天", "days"),
    "years": _counted("年", "years"),
    "ampere": _scaled(("A", "A"), ("kA", "kA")),
    "volt": _scaled(("V", "V"), ("kV", "kV")),
    "celsius": _scaled(("℃", "°C"), ("℃", "°C")),
    "length": _scaled(("米", "metres"), ("公里", "km")),
    "pieces": _counted("台", "units of", spelled=False),
    "people": _counted("人", "people", spelled=False),
    "area": _counted("平方米", "square metres", spelled=False),
    "decibel": _counted("分贝", "dB", spelled=False),
    "mass": _scaled(("千克", "kg"), ("吨", "tonnes")),
    "hours": _counted("小时", "hours"),
    "minutes": _counted("分钟", "minutes"),
}
_WRITERS["celsius"] = _counted("℃", "°C", spelled=False)
_CHOICES: dict[str, tuple[float, ...]] = {
    "money": (180, 350, 450, 600, 800, 1200, 2500, 5000, 12000, 35000, 60000),
    "bigmoney": (1.2e7, 3.5e7, 8.5e7, 1.2e8, 2.36e8, 8.5e8, 1.04e9, 3.2e9),
    "year": (2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024),
    "percent": (0.5, 3, 5.2, 8, 12.5, 15, 20, 25, 36, 50),
    "days": (5, 7, 10, 15, 30, 45, 60, 90),
    "dayscount": (5, 8, 10, 15, 20, 30),
    "years": (3, 5, 8, 10, 15, 20),
    "months": (6, 12, 18, 24, 36, 60),
    "ampere": (400, 630, 1250, 1600, 2000, 3150),
    "volt": (400, 6000, 10000, 12000, 35000),
    "celsius": (25, 30, 35, 40, 55),
    "length": (1500, 3200, 5000, 12000, 86000),
    "pieces": (40, 120, 300, 450, 800),
    "people": (86, 240, 512, 1300, 2750),
    "area": (320, 850, 1200, 2600, 5400),
    "decibel": (45, 55, 60, 68, 75),
    "mass": (85, 260, 500, 1200, 3500),
    "hours": (8, 12, 16, 24, 40),
    "minutes": (10, 15, 20, 30, 45),
}
#: What a unit may wrongly be written as, by kind and language.
WRONG_UNITS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "money": {
        "zh": (("元", "美元"), ("元", "欧元")),
        "en": (("yuan", "dollars"), ("RMB", "USD"), ("CNY", "USD"), ("¥", "€")),
    },
    "bigmoney": {
        "zh": (("亿", "万"), ("元", "美元"), ("万", "亿")),
        "en": (("million", "billion"), ("billion", "million"), ("yuan", "dollars")),
    },
    "days": {
        "zh": (("天", "个月"), ("天", "个工作日"), ("天", "小时")),
        "en": (("days", "months"), ("days", "hours"), ("days", "working days")),
    },
    "dayscount": {"zh": (("天", "个月"), ("天", "小时")), "en": (("days", "months"), ("days", "weeks"))},
    "years": {"zh": (("年", "个月"),), "en": (("years", "months"),)},
    "months": {"zh": (("个月", "天"), ("年", "个月")), "en": (("months", "days"), ("years", "months"))},
    "ampere": {"zh": (("kA", "A"), ("A", "kA"), ("A", "V")), "en": (("kA", "A"), ("A", "kA"), ("A", "V"))},
    "volt": {"zh": (("kV", "V"), ("V", "kV"), ("V", "W")), "en": (("kV", "V"), ("V", "kV"), ("V", "W"))},
    "length": {
        "zh": (("公里", "米"), ("米", "公里"), ("公里", "英里")),
        "en": (("km", "metres"), ("metres", "km"), ("km", "miles")),
    },
    "percent": {"zh": (("%", "‰"),), "en": (("%", "‰"),)},
    "area": {
        "zh": (("平方米", "亩"), ("平方米", "平方公里")),
        "en": (("square metres", "square feet"), ("square metres", "hectares")),
    },
    "decibel": {"zh": (("分贝", "赫兹"),), "en": (("dB", "Hz"),)},
    "mass": {
        "zh": (("千克", "克"), ("吨", "千克"), ("千克", "吨")),
        "en": (("kg", "tonnes"), ("tonnes", "kg"), ("kg", "g")),
    },
    "hours": {"zh": (("小时", "天"), ("小时", "分钟")), "en": (("hours", "days"), ("hours", "minutes"))},
    "minutes": {"zh": (("分钟", "小时"), ("分钟", "秒")), "en": (("minutes", "hours"), ("minutes", "seconds"))},
    "people": {"zh": (("人", "万人"),), "en": (("people", "thousand people"),)},
}


def is_name(kind: str) -> bool:
    """Say whether values of ``kind`` are names."""
    return kind in NAMES


def draw(kind: str, rng: random.Random, taken: tuple[Value, ...] = ()) -> Value:
    """Return a value of ``kind`` that is none of ``taken``."""
    while True:
        if kind in NAMES:
            value = Value(kind, (rng.randrange(len(NAMES[kind])),))
        elif kind == "date":
            value = Value(kind, (rng.randint(2015, 2025), rng.randint(1, 12), rng.randint(1, 28)))
        else:
            value = Value(kind, (rng.choice(_CHOICES[kind]),))
        if value not in taken:
            return value


def near(value: Value, rng: random.Random) -> Value:
    """Return another value of the kind, often one figure away."""
    if value.kind in NAMES or rng.random() < 0.3:
        return draw(value.kind, rng, (value,))
    if value.kind == "date":
        y, m, d = (int(x) for x in value.data)
        return Value("date", rng.choice([(y + rng.choice((-1, 1)), m, d), (y, m % 12 + 1, d), (y, m, d % 28 + 1)]))
    n = value.data[0]
    if value.kind == "year":
        return Value("year", (n + rng.choice((-2, -1, 1, 2)),))
    changes = [n * 10, n + (1 if n < 100 else 10 ** (len(str(int(n))) - 2)), n * 2]
    return Value(value.kind, (rng.choice(changes),))


def write(value: Value, language: str, rng: random.Random) -> str:
    """Write the value in one of its forms."""
    if value.kind in NAMES:
        return NAMES[value.kind][int(value.data[0])][language == "en"]
    return _WRITERS[value.kind](value, language, rng)
