"""Dates of validity: issue, effect, expiry, repeal, read from the words around each date of a statement."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.enrich.reading import Reading, Statement
from wenyuan.documents import DateRole, ProfileDate

LIMIT: Final = 12
_LONGEST_STATEMENT: Final = 600
_BEFORE, _AFTER = 32, 18
_DIGITS: Final = {char: digit for digit, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_CN: Final = "〇零○一二三四五六七八九"
DATE: Final = re.compile(
    rf"""(?P<cy>[{_CN}]{{4}})\s?年(?:\s?(?P<cm>[一二三四五六七八九十]{{1,2}})\s?月(?:\s?(?P<cd>[一二三四五六七八九十]{{1,3}})\s?日)?)?
      | (?<!\d)(?P<y>(?:19|20)\d\d)\s?年\s?(?:(?P<m>1[0-2]|0?[1-9])\s?月(?:\s?(?P<d>3[01]|[12]\d|0?[1-9])\s?日)?)?
      | (?<![\d.])(?P<iy>(?:19|20)\d\d)(?P<is>[-./])(?P<im>1[0-2]|0?[1-9])(?P=is)(?P<id>3[01]|[12]\d|0?[1-9])(?![\d])
      | \b(?P<ed>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?P<em>{_MONTH}),?\s(?P<ey>(?:19|20)\d\d)\b
      | \b(?P<am>{_MONTH})\s(?:(?P<ad>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s)?(?P<ay>(?:19|20)\d\d)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_R = DateRole
#: Words that end right before a date: role → Chinese, English.
_LEAD_WORDS: Final = (
    (
        _R.ISSUED,
        r"发布|公布|印发|颁布|签发|编制|制定|成文|发文|出版|修订|定稿",
        r"issued?|published|publication|released?|approved|adopted|dated|last updated|revised",
    ),
    (
        _R.EFFECTIVE,
        r"施行|实施|生效|执行|起效|启用|有效期(?:限|间)?(?:自|从)?|合同期限?(?:自|从)?",
        r"effective|in(?:to)? (?:force|effect)|takes? effect|commenc(?:es?|ing|ement)|valid|applicable",
    ),
    (
        _R.EXPIRES,
        r"有效期(?:限)?(?:截)?至|有效至|失效|到期|届满|截止|终止",
        r"expir(?:es?|y|ation|ing)|valid (?:until|through|to|till)|terminates?",
    ),
    (_R.REPEALED, r"废止|停止(?:执行|施行)", r"repealed|withdrawn|revoked|superseded"),
)
_LINK: Final = (
    r"\s?(?:日期|时间|日|date)?\s?(?:[:：|]|为|是|于|自|从|on|of|from|as of|is|with effect from)?\s?[:：]?\s?$"
)
_LEADS: Final = tuple(
    (role, re.compile(rf"(?:{chinese}|\b(?:date of )?(?:{english})){_LINK}", re.IGNORECASE))
    for role, chinese, english in _LEAD_WORDS
)
#: Words that begin right behind a date.
_TRAIL_WORDS: Final = (
    (_R.REPEALED, r"(?:起|之日起)?[^，。；]{0,6}(?:废止|停止(?:执行|施行))", r"repealed"),
    (
        _R.EFFECTIVE,
        r"(?:起|之日起|零时起|0时起)?(?:正式|开始|在[^，。；]{1,8})?(?:施行|实施|生效|执行|启用|有效)|起(?:至|到)",
        r"(?:shall |will )?(?:come into (?:force|effect)|take effect)",
    ),
    (_R.EXPIRES, r"(?:起|止|之前|前|日)?(?:失效|到期|届满|期满|止(?![付损]))", r"(?:shall |will )?expires?\b"),
    (
        _R.ISSUED,
        r"(?:经|由)?[^，。；]{0,24}(?:发布|公布|印发|颁布|签发)|[^，。；]{0,40}会议(?:审议)?通过",
        r"edition\b",
    ),
)
_TRAILS: Final = tuple(
    (role, re.compile(rf"\s?(?:{chinese}|{english})", re.IGNORECASE)) for role, chinese, english in _TRAIL_WORDS
)
_SPAN: Final = re.compile(r"^\s?(?:起|零时起)?\s?(?:[至到—–~～-]|--|to|until|through)\s?$", re.IGNORECASE)
_TERM: Final = re.compile(r"有效|期限|合同期|任期|服务期|租期|保修期|聘期|valid|term|period", re.IGNORECASE)
_AT_ONCE: Final = re.compile(r"自(?:发布|公布|印发|颁布|下发)之日起(?:施行|实施|生效|执行)")
#: A statement that speaks of the document itself.
_SELF: Final = re.compile(
    r"本(?:法|办法|制度|规定|规程|手册|合同|协议|标准|条例|方案|细则|准则|政策|通知|规范|守则|文件|指南|公告|须知|意见|证书|报告)"
    r"|\bth(?:is|e present) (?:policy|agreement|contract|handbook|manual|code|standard|regulation|act|directive"
    r"|document|notice|procedure|guideline|certificate|report)\b",
    re.IGNORECASE,
)
#: ``key: date`` on a line of its own.
_KEYED: Final = re.compile(r"^[^，。；,;]{0,24}[:：|]")
_LONGEST_KEYED: Final = 80
#: Statements at the beginning and the end, where a document says of itself when it was issued and holds.
_OPENING, _CLOSING = 40, 25
#: The date belongs to another publication that is named right before it.
_FOREIGN: Final = re.compile(r"》[^，。；]{0,10}$")


def dates(reading: Reading) -> tuple[ProfileDate, ...]:
    """Return up to ``LIMIT`` dates of validity in reading order, each role and date once."""
    found: dict[tuple[DateRole, str], ProfileDate] = {}
    at_once: Statement | None = None
    for statement in reading.statements:
        if not _about_itself(statement, len(reading.statements)):
            continue
        if at_once is None and _AT_ONCE.search(statement.text):
            at_once = statement
        for one in _of_statement(statement, reading.title):
            found.setdefault((one.role, one.date), one)
    issued = [one.date for one in found.values() if one.role is DateRole.ISSUED]
    if at_once is not None and len(issued) == 1 and not any(role is DateRole.EFFECTIVE for role, _ in found):
        phrase = _AT_ONCE.search(at_once.text)
        words = phrase.group() if phrase else ""
        found[DateRole.EFFECTIVE, issued[0]] = ProfileDate(DateRole.EFFECTIVE, issued[0], words, at_once.block)
    return tuple(list(found.values())[:LIMIT])


def _about_itself(statement: Statement, statements: int) -> bool:
    """Whether a date in the statement would be one of the document: dates of what it tells about are no validity."""
    text = statement.text
    if len(text) > _LONGEST_STATEMENT:
        return False
    if statement.order < _OPENING or statement.order >= statements - _CLOSING or _SELF.search(text):
        return True
    return len(text) <= _LONGEST_KEYED and bool(_KEYED.match(text))


def _of_statement(statement: Statement, title: str) -> Iterator[ProfileDate]:
    text = statement.text
    matches = [(match, iso) for match in DATE.finditer(text) if (iso := iso_date(match))]
    open_span = False
    for place, (match, iso) in enumerate(matches):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        after = text[match.end() : match.end() + _AFTER]
        following = matches[place + 1][0] if place + 1 < len(matches) else None
        spans = following is not None and bool(_SPAN.match(text[match.end() : following.start()]))
        if _foreign(before, title):
            open_span = False
            continue
        role = _role(text, before, after, spans=spans, open_span=open_span)
        if role is DateRole.ISSUED and len(iso) < len(
            "2026-11"
        ):  # a year alone dates a meeting or an edition, no issue
            role = None
        open_span = spans and role is DateRole.EFFECTIVE
        if role is not None:
            yield ProfileDate(role, iso, match.group().strip(), statement.block)


def _role(text: str, before: str, after: str, *, spans: bool, open_span: bool) -> DateRole | None:
    if open_span:
        return DateRole.EXPIRES
    if spans and _TERM.search(text):
        return DateRole.EFFECTIVE
    # The longest word that leads to the date names it: 有效期至 is not 有效期.
    leads = [(match.start(), role) for role, words in _LEADS if (match := words.search(before))]
    trail = next((role for role, words in _TRAILS if words.match(after)), None)
    if trail is not None and (trail is not DateRole.ISSUED or not leads):
        return trail
    return min(leads)[1] if leads else None


def _foreign(before: str, title: str) -> bool:
    found = _FOREIGN.search(before)
    if found is None:
        return False
    named = before[: found.start()].rpartition("《")[2]
    return not named or (named not in title and title not in named)


def iso_date(match: "re.Match[str]") -> str | None:
    """Return the ISO 8601 form of a match of ``DATE`` as precise as it was written, None for no real date."""
    parts: Sequence[int | None]
    if match["cy"]:
        parts = (int("".join(str(_DIGITS[char]) for char in match["cy"])), _chinese(match["cm"]), _chinese(match["cd"]))
    elif match["y"]:
        parts = (int(match["y"]), _number(match["m"]), _number(match["d"]))
    elif match["iy"]:
        parts = (int(match["iy"]), int(match["im"]), int(match["id"]))
    else:
        year, month, day = (
            (match["ey"], match["em"], match["ed"]) if match["ey"] else (match["ay"], match["am"], match["ad"])
        )
        parts = (int(year), _MONTHS.index(month[:3].lower()) + 1, _number(day))
    return _iso(*parts)


def _iso(year: int | None, month: int | None, day: int | None) -> str | None:
    if year is None or not 1900 <= year <= 2100 or (month is not None and not 1 <= month <= 12):
        return None
    if month is None:
        return f"{year}"
    if day is None:
        return f"{year}-{month:02}"
    longest = 29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= longest else None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _chinese(written: str | None) -> int | None:
    """Read 一 … 三十一."""
    if not written:
        return None
    tens, found, ones = written.partition("十")
    if not found:
        return _DIGITS.get(written) if len(written) == 1 else None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
