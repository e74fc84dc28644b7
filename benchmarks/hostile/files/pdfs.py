"""PDF files that loop, explode, lie, or act."""

import zlib
from collections.abc import Iterator
from typing import Final

from benchmarks.hostile.files.bombs import Case, pdf

_CATALOG: Final = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES: Final = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
_FONT: Final = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
_PAGE: Final = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R" + _FONT + b">>"
_WORDS: Final = b"BT /F 12 Tf 72 700 Td (The notice period is 30 days after delivery.) Tj ET"


def hostile_pdfs() -> Iterator[Case]:
    """Yield the cases; each may be refused or read, within the limits."""
    for kind, data in (*_structures(), *_objects()):
        yield Case(f"pdf {kind}", "a.pdf", data)
    for kind, content in _contents():
        yield Case(f"pdf {kind}", "a.pdf", page(content))
    for kind, entry in _ACTIONS.items():
        objects = [_CATALOG[:-2] + entry + b">>", _PAGES, _PAGE, stream(_WORDS)]
        yield Case(f"pdf {kind}", "a.pdf", pdf(objects), warning="active-content")
    locked = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>/ID[<00><00>]" % (b"00" * 32, b"11" * 32)
    yield Case("pdf encrypted", "a.pdf", pdf([_CATALOG, _PAGES, _PAGE, stream(_WORDS)], trailer=locked), refused=True)


def page(content: bytes, more: bytes = b"") -> bytes:
    """A PDF of one page with this content stream."""
    return pdf([_CATALOG, _PAGES, _PAGE[:-2] + more + b">>", stream(content)])


def stream(data: bytes, entries: bytes = b"", times: int = 1) -> bytes:
    """A stream object, deflated ``times`` times."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = b"/FlateDecode " * times
    return b"<</Length %d/Filter[%s]%s>>stream\n" % (len(data), filters, entries) + data + b"\nendstream"


def _structures() -> Iterator[tuple[str, bytes]]:
    text = stream(_WORDS)
    deep = [_CATALOG] + [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 3) for n in range(20_000)]
    yield "deep page tree", pdf([*deep, _PAGE, text])
    yield "page tree loop", pdf([_CATALOG, b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 3 0 R]>>", _PAGE, text])
    yield "page is its parent", pdf([b"<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 1>>"])
    yield "count lies", pdf([_CATALOG, b"<</Type/Pages/Count 2000000000/Kids[3 0 R]>>", _PAGE, text])
    yield "negative count", pdf([_CATALOG, b"<</Type/Pages/Count -5/Kids[3 0 R]>>", _PAGE, text])
    yield "contents loop", pdf([_CATALOG, _PAGES, _PAGE, b"4 0 R"])
    yield (
        "length refers to itself",
        pdf([_CATALOG, _PAGES, _PAGE, b"<</Length 4 0 R>>stream\n" + _WORDS + b"\nendstream"]),
    )
    yield "flate bomb", pdf([_CATALOG, _PAGES, _PAGE, stream(bytes(2**29), times=1)])
    yield "flate bomb thrice", pdf([_CATALOG, _PAGES, _PAGE, stream(b"\n" * 2**28, times=3)])
    yield (
        "outline loop",
        pdf(
            [
                _CATALOG[:-2] + b"/Outlines 5 0 R>>",
                _PAGES,
                _PAGE,
                text,
                b"<</First 6 0 R>>",
                b"<</Title(a)/Next 6 0 R/First 6 0 R>>",
            ]
        ),
    )
    yield (
        "outline depth",
        pdf(
            [_CATALOG[:-2] + b"/Outlines 5 0 R>>", _PAGES, _PAGE, text]
            + [b"<</Title(a)/First %d 0 R>>" % (n + 6) for n in range(5000)]
        ),
    )
    yield (
        "huge xref",
        b"%PDF-1.7\nxref\n0 2000000000\n0000000000 65535 f \ntrailer<</Size 2000000000/Root 1 0 R>>startxref\n9\n%%EOF",
    )
    yield (
        "xref loop",
        b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF",
    )


def _objects() -> Iterator[tuple[str, bytes]]:
    text = stream(_WORDS)
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R/Y 5 0 R>>>>"
    calling = _PAGE.replace(b"/Resources<<", b"/Resources<</XObject<</X 5 0 R>>")
    yield "form calls itself", pdf([_CATALOG, _PAGES, calling, stream(b"/X Do"), stream(b"/X Do /Y Do", form)])
    chain = [
        stream(b"/X Do " * 10, form.replace(b"/X 5 0 R", b"/X %d 0 R" % (6 + n)).replace(b"/Y 5 0 R", b""))
        for n in range(12)
    ]
    yield "forms to the power of ten", pdf([_CATALOG, _PAGES, calling, stream(b"/X Do"), *chain, stream(_WORDS, form)])
    image = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Width %d/Height %d"
    for kind, side, filters in (("pixels", 60_000, b""), ("more pixels", 2_000_000_000, b"")):
        yield (
            f"image of many {kind}",
            pdf([_CATALOG, _PAGES, calling, stream(b"/X Do"), stream(b"x", image % (side, side) + filters)]),
        )
    for name in (b"JBIG2Decode", b"JPXDecode", b"DCTDecode", b"CCITTFaxDecode", b"RunLengthDecode", b"LZWDecode"):
        body = b"<</Length 64/Filter/%s" % name + image % (500, 500) + b">>stream\n" + bytes(range(64)) + b"\nendstream"
        yield f"broken {name.decode()}", pdf([_CATALOG, _PAGES, calling, stream(b"q 500 0 0 500 0 0 cm /X Do Q"), body])
    fonts = (b"FontFile", b"FontFile2", b"FontFile3")
    for name in fonts:
        font = (
            b"/Resources<</Font<</F<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor<</Type/FontDescriptor"
            b"/FontName/A/%s 5 0 R>>>>>>>>" % name
        )
        yield (
            f"broken {name.decode()}",
            pdf([_CATALOG, _PAGES, _PAGE.replace(_FONT, font), text, stream(b"\0\1\0\0" + b"\xff" * 9000)]),
        )
    yield (
        "million fields",
        pdf(
            [
                _CATALOG[:-2] + b"/AcroForm<</Fields[5 0 R]>>>>",
                _PAGES,
                _PAGE,
                text,
                b"<</T(a)/Kids[%s]>>" % (b"5 0 R " * 50_000),
            ]
        ),
    )
    yield "truncated", pdf([_CATALOG, _PAGES, _PAGE, text])[:-150]
    yield "junk before", b"x" * 1000 + pdf([_CATALOG, _PAGES, _PAGE, text])


def _contents() -> Iterator[tuple[str, bytes]]:
    yield "a million operators", b"0 0 m 1 1 l S\n" * 330_000
    yield "a million strings", b"BT /F 12 Tf " + b"1 0 Td (a) Tj " * 500_000 + b"ET"
    yield "a long string", b"BT /F 12 Tf (" + b"a" * 3_000_000 + b") Tj ET"
    yield "text in one place", b"BT /F 12 Tf 72 700 Td " + b"(word) Tj 0 0 Td " * 40_000 + b"ET"
    yield (
        "a grid of lines",
        b"".join(b"%d 0 m %d 800 l S 0 %d m 600 %d l S\n" % (n, n, n, n) for n in range(600)) + _WORDS,
    )
    yield "many rectangles", b"".join(b"%d %d 3 3 re f\n" % (n % 600, n // 600 * 4) for n in range(100_000)) + _WORDS
    yield (
        "scattered words",
        b"BT /F 4 Tf "
        + b"".join(b"1 0 0 1 %d %d Tm (ab) Tj " % (n * 7919 % 590, n * 104729 % 790) for n in range(30_000))
        + b"ET",
    )
    yield "deep states", b"q " * 200_000 + _WORDS
    yield "deep arrays", b"[" * 100_000 + _WORDS
    yield "marked content without end", b"/P BMC " * 100_000 + _WORDS
    yield "huge numbers", b"BT /F 1e38 Tf 1e38 1e38 Td (words) Tj ET 99999999999999999999 0 m 1e-38 1 l S"
    yield "not numbers", b"BT /F -12 Tf 0 0 0 0 0 0 Tm (words) Tj ET 0 0 0 0 0 0 cm " + _WORDS
    yield (
        "numbering",
        b"BT /F 6 Tf 72 790 Td " + b"(1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1) Tj 0 -1 Td " * 3000 + b"ET",
    )


_ACTIONS: Final = {
    "script when opened": b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
    "script by name": b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>",
    "program launch": b"/OpenAction<</S/Launch/F(calc.exe)>>",
    "submission": b"/OpenAction<</S/SubmitForm/F(http://127.0.0.1:9/)>>",
    "remote file": b"/OpenAction<</S/GoToR/F(\\\\\\\\127.0.0.1\\\\x)>>",
    "embedded file": b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)>>]>>>>",
    "script on events": b"/AA<</WC<</S/JavaScript/JS(1)>>>>",
}
