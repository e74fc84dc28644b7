"""Check digits and ranges that tell numbers of people, accounts and companies from any others.

Sources: GB 11643-1999 (identity numbers), GB 32100-2015 and GB 11714-1997 (company codes), ISO/IEC 7812 (cards),
ISO 13616 (IBAN).
"""

import datetime as dt
from typing import Final

# The first two digits of GB/T 2260 codes, Taiwan, Hong Kong and Macao, and residence permits (83), 91 abroad.
PROVINCES: Final = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91}
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CODE_LETTERS: Final = {char: value for value, char in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CODE_WEIGHTS: Final = tuple(3**place % 31 for place in range(17))
_OWNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_EARLIEST: Final = 1880
_OLD_NUMBERS_END: Final = 1999
_IBANS: Final = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27
GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27
MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23
TN24 TR26 UA29 VA22 VG24 XK20
"""
_IBAN_LENGTHS: Final = {name[:2]: int(name[2:]) for name in _IBANS.split()}
#: Issuers' ranges: the first six digits from and to, and the lengths that are used with them.
_ISSUERS: Final = (
    (620000, 629999, frozenset(range(16, 20))),
    (400000, 499999, frozenset({13, 16, 19})),
    (510000, 559999, frozenset({16})),
    (222100, 272099, frozenset({16})),
    (340000, 349999, frozenset({15})),
    (370000, 379999, frozenset({15})),
    (352800, 358999, frozenset({16})),
    (300000, 305999, frozenset({14, 16})),
    (360000, 369999, frozenset({14})),
    (380000, 399999, frozenset({14, 16})),
    (601100, 601199, frozenset({16, 19})),
    (644000, 659999, frozenset({16, 19})),
    (500000, 509999, frozenset({16, 18, 19})),
    (560000, 589999, frozenset({16, 18, 19})),
    (603000, 603999, frozenset({16, 17, 19})),
    (601380, 601389, frozenset({19})),
    (602900, 602999, frozenset({16, 17})),
    (690755, 690755, frozenset({15, 18})),
    (955880, 955889, frozenset({16, 19})),
    (955990, 955999, frozenset({19})),
    (103000, 103999, frozenset({19})),
)


def _day(text: str, latest: int) -> bool:
    """Whether ``text`` (YYYYMMDD) is a day that somebody alive or on record may be born on."""
    year = int(text[:4])
    if not _EARLIEST <= year <= latest:
        return False
    try:
        dt.date(year, int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def is_id_card(text: str, this_year: int) -> bool:
    """Whether 18 or 15 characters are an identity number: region, day of birth, and of 18 the check digit."""
    if not text[:-1].isdigit() or int(text[:2]) not in PROVINCES:
        return False
    if len(text) == 15:
        return text.isdigit() and text[12:] != "000" and _day("19" + text[6:12], _OLD_NUMBERS_END)
    if len(text) != 18 or not _day(text[6:14], this_year):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[17].upper()


def is_credit_code(text: str) -> bool:
    """Whether 18 characters are a unified social credit code, with its own check character and that of the body."""
    code = text.upper()
    if len(code) != 18 or code[0] not in "123456789ANYG" or not code[2:8].isdigit() or int(code[2:4]) not in PROVINCES:
        return False
    values = [_CODE_LETTERS.get(char) for char in code]
    if any(value is None for value in values):
        return False
    total = sum(weight * (value or 0) for weight, value in zip(_CODE_WEIGHTS, values, strict=False))
    if (31 - total % 31) % 31 != values[17]:
        return False
    body = sum(weight * int(char, 36) for weight, char in zip(_OWNER_WEIGHTS, code[8:16], strict=True))
    return "0123456789X0"[11 - body % 11] == code[16]


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812."""
    odd = sum(map(int, digits[-1::-2]))
    return (odd + sum(int(digit) * 2 - 9 * (digit > "4") for digit in digits[-2::-2])) % 10 == 0


def is_bank_card(digits: str) -> bool:
    """Whether 13 to 19 digits are the number of a card: an issuer's range, a length it uses, the check digit."""
    head = int(digits[:6])
    if len(set(digits)) < 3:
        return False
    return any(first <= head <= last and len(digits) in sizes for first, last, sizes in _ISSUERS) and luhn(digits)


def is_iban(text: str) -> bool:
    """Whether ``text`` without spaces is an IBAN: the length of its country, remainder 1 of 97."""
    if _IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
