"""The one factory of XML and HTML trees: no entity is resolved, no DTD loaded, nothing fetched, no huge tree built."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Final

from lxml import etree
from lxml import html as lxml_html

MAX_BYTES: Final = 256 * 2**20
"""More than this is not parsed: a tree takes several times the room of its text."""


def parse_xml(data: bytes) -> Any:
    """Return the root element of an XML document.

    Entities that a document declares stay unresolved and leave no text, and so do inclusions. Raises ``ValueError``
    for documents that are too large, and ``lxml.etree.XMLSyntaxError`` for those that are not XML.
    """
    if len(data) > MAX_BYTES:
        raise ValueError("XML document too large")
    root = etree.fromstring(data, _xml_parser())
    for node in list(root.iter(etree.Entity)):
        without(node)
    return root


def iterate_xml(file: BinaryIO, names: Collection[str]) -> Iterator[Any]:
    """Yield the elements with these local names as they end, each without its children once the next is asked for.

    For documents too large for a tree. Raises ``lxml.etree.XMLSyntaxError`` where the document stops being XML.
    """
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    for _, node in etree.iterparse(
        file, events=("end",), tag=[f"{{*}}{name}" for name in names], remove_comments=True, remove_pis=True, **options
    ):
        yield node
        node.clear()
        while node.getprevious() is not None:
            del node.getparent()[0]


def parse_html(text: str) -> Any:
    """Return the root element of an HTML document, comments and processing instructions left out.

    Raises ``lxml.etree.ParserError`` for a text without any element.
    """
    # A declared encoding contradicts text that is already decoded.
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    return lxml_html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)


def local(node: Any) -> str:
    """Return the name of an element without its namespace, "" for comments and instructions."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def attribute(node: Any, name: str) -> str | None:
    """Return the value of the attribute called ``name`` in any namespace, or None."""
    found = node.get(name)
    if found is not None:
        return str(found)
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), None)


def _xml_parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def without(node: Any) -> None:
    """Remove a node from its tree and keep the text behind it."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is None:
            parent.text = (parent.text or "") + node.tail
        else:
            before.tail = (before.tail or "") + node.tail
    parent.remove(node)
