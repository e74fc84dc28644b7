"""The words of RTF that decide where text goes, and the limits of a file."""

import re
from typing import Final

from wenyuan.documents import BlockKind

MAX_DEPTH: Final = 500
MAX_COLUMNS: Final = 500
MAX_FIGURES: Final = 500
MAX_ROWS: Final = 20_000
CODE_PAGES: Final = {0: None, 77: "mac_roman", 78: "cp932", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030",
                      136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
                      186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"}  # fmt: skip
SKIPPED: Final = frozenset(
    ("colortbl", "themedata", "colorschememapping", "datastore", "listtable", "listoverridetable", "rsidtbl",
     "revtbl", "filetbl", "latentstyles", "xmlnstbl", "wgrffmtfilter", "generator", "nonshppict",
     "nonesttables", "object", "objdata", "objclass", "bkmkstart", "bkmkend", "xe", "tc", "tcf", "fldtype",
     "template", "annotation", "atnid", "atnauthor", "atntime", "atnref", "private", "ftnsep", "ftnsepc",
     "ftncn", "aftnsep", "aftnsepc", "aftncn", "pgdsctbl", "sp")
)  # fmt: skip
SHOWN: Final = frozenset(("shptxt", "shpinst", "shprslt", "listtext", "pntext", "fldrslt", "footnote", "shppict"))
SIGNS: Final = {"emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“",
                 "rdblquote": "”", "emspace": " ", "enspace": " ", "tab": "\t", "line": "\n",
                 "softline": "\n"}  # fmt: skip
RUNNING: Final = {name + side: kind for name, kind in (("header", BlockKind.HEADER), ("footer", BlockKind.FOOTER))
                   for side in ("", "l", "r", "f")}  # fmt: skip
STYLE_LEVEL: Final = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
TITLE_STYLES: Final = ("title", "标题", "標題")
HYPERLINK: Final = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]+)"', re.IGNORECASE)
BULLET: Final = re.compile(r"^[^\w(（【\[]*$")
NEAR_WHITE: Final = 245
TINY_HALF_POINTS: Final = 4
