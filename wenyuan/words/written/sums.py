"""Whether a label says that what stands by it sums up others, or is their mean: 合计, 小计, Total, Average."""

import re
import unicodedata
from typing import Final

_GAPS: Final = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_SUM: Final = re.compile(
    r"^(?:合计|总计|小计|共计|总和|总额|总量|平均|均值)|(?:合计|总计|小计|总额|总量|总数|总和)$"
    r"|^(?:(?:sub|grand)?[- ]*total(?!ly)|sums?(?![a-z])|average|mean(?!ing|while))"
)
#: What is the whole where it names a row, and may be anything elsewhere.
_WHOLE: Final = re.compile(
    r"^(?:全部|汇总|总(?!经理|裁|监|部|公司|行|店|会计师|工程师|编)|(?:all|overall)(?![a-z])|worldwide$)"
)


def is_sum(text: str) -> bool:
    """Whether a text says so wherever it stands; white space, widths and case make no difference."""
    return _SUM.search(_folded(text)) is not None


def names_whole(label: str) -> bool:
    """Whether the label of a row or column says so: there, all and worldwide do too."""
    return is_sum(label) or _WHOLE.search(_folded(label)) is not None


def _folded(text: str) -> str:
    return _GAPS.sub("", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))
