"""Names of organisations, publications and standards, by their form."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.enrich.reading import Reading
from wenyuan.documents import Entity, EntityKind
from wenyuan.words.background import background
from wenyuan.words.terms import normalise, tokens

LIMIT: Final = 30
_LONGEST_STATEMENT: Final = 2_000
_ZH_ENDS: Final = (
    "有限责任公司|股份有限公司|有限公司|集团公司|分公司|公司|集团|委员会|人民政府|人民法院|人民检察院|大学|研究院|研究所|设计院|事务所|"
    "银行|总局|监督局|管理局|协会|学会|出版社|联合会|工会|医院"
)
_ZH_NAME: Final = re.compile(
    rf"[\u4e00-\u9fffA-Za-z0-9·（）()]{{2,24}}?(?:{_ZH_ENDS})(?![\u4e00-\u9fff]?员|章程|规定|制度|法)"
)
#: A name begins behind the last of these words.
_ZH_START: Final = re.compile(
    r"^.*(?:以下简称|提供|获得|代称|整个|某|任|(?<!日)本(?!田)|是指|包括|委托|依据|根据|按照|经过|通过|属于|隶属|以及|或者|成立|设立|加入|联系|提交|报送|通知|[由与和及或对在向经为是把被将从至到给以于请让使的])"
)
_ZH_BARE: Final = re.compile(r"(?<!有限)(?:公司|集团|工会|医院)$")
#: Nats; 保护 has 4.0, 砚澜 11.
_NAME_RARITY: Final = 8.0
_ZH_PLAIN: Final = re.compile(
    r"^(?:本|该|各|我|贵|其|此|某|母|子|总|分|有限|股份|外部|其他|所属|下属|关联|合资|上市|保险|物流|集团|项目|国有|商业|有关|相关|甲|乙|所有|全|任何|每|两|多|一|另|员工)?"
    rf"(?:{_ZH_ENDS})$"
)
_EN_NAME: Final = re.compile(
    r"\b(?:[A-Z][A-Za-z&'-]{0,24}\s|(?:of|and|for|the|de)\s){1,6}"
    r"(?:Inc\.?|Ltd\.?|LLC|Corp\.?|Corporation|Company|GmbH|AG|PLC|University|Committee|Commission|Bank|Institute|Agency|"
    r"Authority|Department|Ministry|Association|Foundation|Council)(?![A-Za-z])"
)
_EN_OFFICE: Final = re.compile(
    r"\b(?:University|Ministry|Department|Bank|Institute|Board) of (?:the )?[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}"
)
_PUBLICATION: Final = re.compile(r"《([^《》]{2,60})》")
_STANDARD: Final = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?:GB|DL|JB|YD|HJ|SJ|NB|QB|JGJ|TB|YY)(?:[/∕](?:T|Z))?|ISO(?:/IEC)?(?:/TS|/TR)?|IEC|IEEE(?:\sStd)?|ASTM|EN|DIN|BS)"
    r"\s?[A-Z]?\d{3,6}(?:[.\-—–:：]\d{1,5}){0,3}(?!\d)"
)


def entities(reading: Reading) -> tuple[Entity, ...]:
    """Return up to ``LIMIT`` names, those that stand there most often first."""
    found: dict[tuple[EntityKind, str], tuple[int, int]] = {}
    for statement in reading.statements:
        for kind, name in _names(statement.text[:_LONGEST_STATEMENT]):
            count, block = found.get((kind, name), (0, statement.block))
            found[kind, name] = (count + 1, block)
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[1][1], item[0]))
    return tuple(Entity(name, kind, count, block) for (kind, name), (count, block) in ordered[:LIMIT])


def _proper(name: str) -> bool:
    """Whether what stands before a bare 公司 or 集团 is a name: rare among all words, not a verb like 保护."""
    ending = _ZH_BARE.search(name)
    if ending is None:
        return True
    before = normalise(name[: ending.start()])
    return any(background().idf(f"w{before[start:end]}") > _NAME_RARITY for start, end in tokens(before))


def _names(text: str) -> Iterator[tuple[EntityKind, str]]:
    for match in _PUBLICATION.finditer(text):
        yield EntityKind.PUBLICATION, match.group(1).strip()
    for match in _STANDARD.finditer(text):
        yield EntityKind.STANDARD, re.sub(r"\s", " ", match.group()).strip()
    bare = _PUBLICATION.sub("，", text)
    for match in _ZH_NAME.finditer(bare):
        name = _ZH_START.sub("", match.group()).strip("（）()")
        if len(name) > 3 and _proper(name) and not _ZH_PLAIN.match(name) and name.count("（") == name.count("）"):
            yield EntityKind.ORGANISATION, name
    for pattern in (_EN_NAME, _EN_OFFICE):
        for match in pattern.finditer(bare):
            name = re.sub(r"^(?:(?:of|and|for|the|The|In|At|By|A|An|This|That|Our|Your)\s)+", "", match.group())
            name = name.rstrip(".")
            if " " in name:
                yield EntityKind.ORGANISATION, name
