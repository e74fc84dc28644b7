"""Sentences with personal data in them, and with what only looks like it; nothing here knows how it is recognised."""

import base64
import datetime as dt
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

#: Codes of counties as people have them.
_COUNTY_CODES = """
110101 110105 110108 120101 120116 130102 130632 140105 150102 210102 220104 230103 310101 310115 320102 320506 330106
330203 340104 350203 360102 370102 370203 410105 420106 430104 440103 440305 440606 450103 460105 500103 510104 510107
520103 530102 540102 610113 620102 630103 640104 650102 710000 810000 820000 830000
"""
_COUNTIES = _COUNTY_CODES.split()
_PLATE_PLACES = """
京A 京N 沪C 粤B 粤A 苏E 浙A 鲁B 川A 渝A 鄂A 湘A 闽D 桂A 琼A 贵A 云A 藏A 陕A 甘A
青A 宁A 新A 蒙A 辽B 吉A 黑A 冀A 晋A 豫A 皖A 赣A 津C
"""
_PLATE_HEADS = _PLATE_PLACES.split()
_PLATE_CHARS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAMES_OF = "zhang.wei li_na wangfang chen-jie liu.yang zhaomin huang.lei jsmith a.brown mary_jones t.o'neil k.mueller"
_NAMES = _NAMES_OF.split()
_HOSTS_OF = "example.com example.com.cn corp.example.org mail.example.net example.edu.cn qq.example 163.example"
_HOSTS = _HOSTS_OF.split()
_AREAS_OF = "010 021 022 023 024 025 027 028 029 020 0755 0571 0512 0731 0591 0532 0371 0411 0451 0771 0898 0891 0991"
_AREAS = _AREAS_OF.split()
_MOBILE_HEADS = "130 133 135 138 139 147 150 152 155 158 159 166 170 173 176 177 178 180 186 188 189 191 195 198 199"
_FULL = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence and what of it is personal data: (kind, start, end)."""

    text: str
    data: tuple[tuple[str, int, int], ...]


def identity_18(r: random.Random) -> str:
    """Return an identity number of 18 characters."""
    day = dt.date(1940, 1, 1) + dt.timedelta(days=r.randrange(25_500))
    body = f"{r.choice(_COUNTIES)}{day:%Y%m%d}{r.randrange(1000):03d}"
    check = "10X98765432"[sum((2 ** (17 - place) % 11) * int(digit) for place, digit in enumerate(body)) % 11]
    return body + (check.lower() if r.random() < 0.3 else check)


def identity_15(r: random.Random) -> str:
    """Return an identity number of 15 digits."""
    day = dt.date(1930, 1, 1) + dt.timedelta(days=r.randrange(20_000))
    return f"{r.choice(_COUNTIES)}{day:%y%m%d}{r.randrange(1, 1000):03d}"


def mobile(r: random.Random) -> str:
    """Return a mobile number of the mainland."""
    return r.choice(_MOBILE_HEADS.split()) + f"{r.randrange(10**8):08d}"


def _checked(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def bank_card(r: random.Random) -> str:
    """Return the number of a card with a sound check digit."""
    head, size = r.choice(
        [
            ("622202", 19),
            ("621700", 19),
            ("622848", 19),
            ("625900", 16),
            ("6214", 16),
            ("6226", 16),
            ("4532", 16),
            ("5425", 16),
            ("2221", 16),
            ("3782", 15),
            ("6011", 16),
            ("3530", 16),
            ("4", 13),
            ("3056", 14),
            ("955880", 19),
        ]
    )
    return _checked(head + "".join(r.choices(string.digits, k=size - len(head) - 1)))


def credit_code(r: random.Random) -> str:
    """Return a unified social credit code."""
    chars = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "".join(r.choices("0123456789" * 3 + "ABCDEFGHJKLMNPQRTUWXY", k=8))
    rest = sum(int(char, 36) * weight for char, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    owner = body + {10: "X", 11: "0"}.get(11 - rest, str(11 - rest))
    code = r.choice(["91", "92", "12", "51", "93"]) + r.choice(_COUNTIES[:-4]) + owner
    total = sum(chars.index(char) * pow(3, place, 31) for place, char in enumerate(code))
    return code + chars[-total % 31]


def iban(r: random.Random) -> str:
    """Return an IBAN."""
    country, shape = r.choice(
        [("DE", "n18"), ("GB", "a4n14"), ("FR", "n10a2n11"), ("ES", "n20"), ("NL", "a4n10"), ("CH", "n17")]
    )
    body, count = "", 0
    for part in shape.replace("n", " n").replace("a", " a").split():
        count = int(part[1:])
        body += "".join(r.choices(string.digits if part[0] == "n" else string.ascii_uppercase, k=count))
    number = int("".join(str(int(char, 36)) for char in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02d}{body}"


def _grouped(text: str, sizes: tuple[int, ...], sep: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    parts.append(text[at:])
    return sep.join(part for part in parts if part)


def _jwt(r: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    sign = base64.urlsafe_b64encode(r.randbytes(32)).decode().rstrip("=")
    head, body = {"alg": "HS256", "typ": "JWT"}, {"sub": str(r.randrange(10**9)), "iat": r.randrange(10**9)}
    return f"{part(head)}.{part(body)}.{sign}"


def _secret(r: random.Random) -> str:
    letters = string.ascii_letters + string.digits
    head, chars, size = r.choice(
        [
            ("AKIA", string.ascii_uppercase + string.digits, 16),
            ("LTAI", letters, 20),
            ("ghp_", letters, 36),
            ("sk-", letters, 40),
            ("glpat-", letters, 20),
            ("AIza", letters, 35),
        ]
    )
    return _jwt(r) if r.random() < 0.4 else head + "".join(r.choices(chars, k=size - 1)) + r.choice(string.digits)


def _plate(r: random.Random) -> str:
    head, digits = r.choice(_PLATE_HEADS), "".join(r.choices(string.digits, k=5))
    style = r.random()
    if style < 0.25:
        body = r.choice("DF") + r.choice(_PLATE_CHARS + string.digits) + digits[:4]
    elif style < 0.35:
        body = digits + r.choice("DF")
    elif style < 0.6:
        body = r.choice(_PLATE_CHARS) + digits[:4]
    elif style < 0.75:
        body = digits[:2] + r.choice(_PLATE_CHARS) + digits[:2]
    elif style < 0.8:
        body = digits[:4] + r.choice("学警挂")
    else:
        body = digits
    return head + r.choice(["", "·", "", "•", " "]) + body


def _landline(r: random.Random) -> str:
    area = r.choice(_AREAS)
    size = 7 if area in {"0591", "0898", "0891", "0991"} else 8
    local = r.choice("2345678") + "".join(r.choices(string.digits, k=size - 1))
    said = r.choice(
        [
            f"{area}-{local}",
            f"({area}){local}",
            f"{area} {local}",
            f"+86-{area[1:]}-{local}",
            f"{area}{local}",
            f"（{area}）{local}",
        ]
    )
    return said + (f"-{r.randrange(100, 9999)}" if r.random() < 0.15 and "+" not in said else "")


def _address(r: random.Random) -> str:
    if r.random() < 0.6:
        return r.choice(
            [
                f"192.168.{r.randrange(256)}.{r.randrange(1, 255)}",
                f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(1, 255)}",
                ".".join(str(r.randrange(21, 224)) for _ in range(4)),
            ]
        )
    groups = [f"{r.randrange(1, 65536):x}" for _ in range(8)]
    return r.choice([":".join(groups), f"2001:db8::{groups[0]}:{groups[1]}", f"fe80::{groups[0]}:{groups[1]}:8a2e"])


def _abroad(r: random.Random) -> str:
    local = f"{r.randrange(200, 999)}"
    area = r.choice(["212", "415", "617", "305", "713", "206"])
    number = r.randrange(200, 999), r.randrange(10_000)
    return r.choice(
        [
            f"({area}) {number[0]}-{number[1]:04d}",
            f"{area}-{number[0]}-{number[1]:04d}",
            f"+1 {area}-{number[0]}-{number[1]:04d}",
            f"+44 20 7{local} {number[1]:04d}",
            f"+49 30 {local}{number[1]:04d}",
            f"+81-3-{r.randrange(3000, 6999)}-{number[1]:04d}",
            f"+852 {r.randrange(2000, 9999)} {number[1]:04d}",
            f"+33 1 42 {local[:2]} {number[1] // 100:02d} {number[1] % 100:02d}",
        ]
    )


def _mail(r: random.Random) -> str:
    name = r.choice(_NAMES).replace("'", "")
    return f"{name}{r.choice(['', str(r.randrange(1000)), '+news'])}@{r.choice(_HOSTS)}"


def _passport(r: random.Random) -> str:
    if r.random() < 0.6:
        return r.choice("EG") + f"{r.randrange(10**8):08d}"
    return "E" + r.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + f"{r.randrange(10**7):07d}"


def _social(r: random.Random) -> str:
    area = r.choice([number for number in range(1, 900) if number != 666])
    sep = r.choice("--- ")
    return f"{area:03d}{sep}{r.randrange(1, 100):02d}{sep}{r.randrange(1, 10_000):04d}"


def _written(number: str, sizes: tuple[int, ...], r: random.Random) -> str:
    """Return a number whole, in groups with spaces or hyphens, or in full-width digits."""
    style = r.random()
    if style < 0.55:
        return number
    if style < 0.7:
        return _grouped(number, sizes, " ")
    if style < 0.82:
        return _grouped(number, sizes, "-")
    return number.translate(_FULL)


def _any_mobile(r: random.Random) -> str:
    said = _written(mobile(r), (3, 4, 4), r)
    return (r.choice(["+86 ", "+86-", "+86", "0086"]) if r.random() < 0.15 and said.isascii() else "") + said


def _sizes(card: str) -> tuple[int, ...]:
    return (4, 6, 5) if len(card) == 15 else (6, 13) if len(card) == 19 and int(card) % 3 == 0 else (4, 4, 4, 4, 4)


def _any_card(r: random.Random) -> str:
    card = bank_card(r)
    return _written(card, _sizes(card), r)


def _sometimes(share: float, change: Callable[[str], str], make: Callable[[random.Random], str]) -> Make:
    """Return a maker of what ``make`` makes, changed in a share of cases."""

    def made(r: random.Random) -> str:
        code = make(r)
        return change(code) if r.random() < share else code

    return made


def _wide(text: str) -> str:
    return text.translate(_FULL)


KINDS: dict[str, Make] = {
    "id_card": lambda r: _written(identity_18(r), (6, 8, 4), r) if r.random() < 0.75 else identity_15(r),
    "mobile": _any_mobile,
    "landline": _landline,
    "bank_card": _any_card,
    "credit_code": _sometimes(0.15, _wide, credit_code),
    "passport": _sometimes(0.1, _wide, _passport),
    "plate": _plate,
    "email": _sometimes(0.1, lambda mail: mail.replace("@", "＠"), _mail),
    "ip": _address,
    "secret": _secret,
    "ssn": _social,
    "phone": _abroad,
    "iban": _sometimes(0.5, lambda code: _grouped(code, (4,) * 8, " "), iban),
}
