"""Whether a question asks for one fact, for everything on a matter, or about a whole document.

Rules over the words of the question, in Chinese and English. They look for the request: a verb at its head (列出,
总结, list), 有哪些, "what are all". The same words as nouns (总结会, list price) or inside a clause ask for a fact,
and so does a question that none of them knows.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wenyuan.words.terms import normalise


class QuestionKind(StrEnum):
    """What would answer the question: a passage, all passages on a matter, a whole document."""

    FACT = "fact"
    LIST = "list"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's kind and what it is about.

    ``subject``: what a question about a document calls it, without the words of the request, as
    :func:`wenyuan.words.terms.normalise` leaves it; empty for "summarise this document" and for the other kinds.
    ``titles``: the names between 《》, normalised as well.
    """

    kind: QuestionKind
    subject: str = ""
    titles: tuple[str, ...] = ()


#: A longer question is no such request: it brings its own material.
_LONGEST: Final = 300
_TITLE: Final = re.compile(r"《([^《》]{1,120})》")
#: What people say before they come to the point.
_POLITE: Final = re.compile(
    r"(?:你好|您好|请问|请你|请您|请|麻烦你?|烦请|帮我|帮忙|给我|为我|替我|能不能|能否|可否|可不可以|可以|能|我想要?|我需要你?|你|您|把|将|对"
    r"|hello|hi|please|kindly|(?:can|could|would|will) you(?: please)?|i (?:want|need|would like)(?: you)? to"
    r"|help me(?: to)?|[\s,，、。.!！:：])+"
)
_TAIL: Final = " \t\r\n?？。.!！~～,，"

_SUM_UP_ZH: Final = re.compile(
    r"(?:简要|简单|大致|全面|详细|用.{1,8}(?:话|句|字|点))?(?:地|来)?(?:总结|概括|归纳|概述|综述|梳理|提炼)(?:总结|概括|归纳)?"
    r"(?:一下|下|出)?(?!会|报告|大会|材料|模板|表|书|由|中|里|类|性|时|的时|发言|阶段|工作)"
)
_SUM_UP_BEHIND_ZH: Final = re.compile(
    r"(?P<of>.+?)(?:做|作|进行|写)(?:一个|一份|个|一下|出)?(?:简要|简短|简单|全面)?的?(?:总结|概括|归纳|概述|摘要|综述)$"
)
_ABOUT_ZH: Final = re.compile(
    r"(?P<of>.+?)(?:(?:主要|大致|到底|都)?(?:讲|说|写|谈|介绍|规定|涉及|包含|包括)了?(?:的是)?(?:些)?什么(?:内容|东西)?"
    r"|的(?:主要|大致|核心)?(?:内容|要点|大意|概要|梗概|摘要)(?:是什么|有哪些|是啥|都有什么)?)$"
)
_DOCUMENT_ZH: Final = re.compile(
    r"(?:文件|文档|资料|材料|报告|手册|办法|制度|规定|合同|协议|通知|纪要|方案|说明书|指南|标准|规范|邮件|文章|论文|全文|条例|章程|册子|年报|幻灯片|课件|书|pdf|ppt)$"
)
_LIST_ZH: Final = re.compile(
    r"(?:完整地?|全部|逐一|逐条|一一)?(?:列出|列举|罗列|枚举|列一下|列一列|列下)(?:来|一下)?(?!的|在|于|[一两二三任]个?|任[意何])"
    r"|(?:找出|给出|说出|查找|汇总|列|找|查|说|告诉我|告诉)(?:一下|来|下)?(?=(?:所有|全部|一切|每一?个|每一?项|每一?种|每一?条))"
)
_WHICH_ZH: Final = re.compile(
    r"(?<!没)(?<!无)(?:都|分别|具体|一共|总共|还)?(?:有|包括|包含|分为|涉及|需要|需|是|分|含|列出|列举|规定|提到|提供)(?:了)?哪(?:些|几(?:种|类|项|个|条|点|方面))"
    r"|^哪些|(?:在|对|由|从|向|给|被|把|按|经)哪(?:些|几(?:种|类|项|个|条|点|方面))"
)
_NOT_WHICH_ZH: Final = re.compile(r"(?:无论|不论|不管|任凭)(?:是|有|在)?哪|哪(?:些|几.).*(?:最|第一).*|吗$")
#: Words that ask for one thing: behind a verb at the head they make of it a question about a summary or a list.
_ONE_ZH: Final = re.compile(
    r"多少|几[个天次年月号点条页份名位种项]|谁|何时|何地|什么时候|什么时间|哪[个天位年月里儿一]|在哪|怎么|怎样|如何|为什么|为何|是否|有没有|吗$"
)

_SUM_UP_EN: Final = re.compile(
    r"(?:briefly )?(?:summari[sz]e|sum up|recap|condense|tl;?dr:?)\b"
    r"|(?:give|write|provide|prepare|make|create|draft)(?: me| us)? (?:an?|the) "
    r"(?:(?:brief|short|concise|quick|full|general|executive) )*"
    r"(?:summary|overview|synopsis|abstract|recap|outline) (?:of|for|on)\b"
    r"|(?:an? )?(?:(?:brief|short|concise|quick) )?(?:summary|overview|synopsis) of\b"
)
_ABOUT_EN: Final = re.compile(
    r"what(?: is|'s|s) (?P<is>.+?) (?:all )?about$|what does (?P<does>.+?) (?:say|cover|contain|describe|deal with)$"
    r"|what (?:are|is) the (?:main|key) (?:points?|contents?|ideas?|takeaways?|content) (?:of|in|from) (?P<of>.+)$"
)
_DOCUMENT_EN: Final = re.compile(
    r"(?:documents?|files?|reports?|manual|handbook|policy|policies|paper|contract|agreement|e-?mail|memo|minutes|notice|guide"
    r"|guideline|standard|specification|datasheet|code of conduct|bulletin|article|booklet|brochure|leaflet|slides"
    r"|presentation|pdf)$"
)
_LIST_EN: Final = re.compile(
    r"(?:list|enumerate|itemi[sz]e)(?: out| up)?(?: me| us| for me)?(?: down)?\b"
    r"(?! price| of\b.*\bis\b| is\b| was\b| has\b)"
    r"|(?:name|give|show|tell|find|identify|return|mention|provide)(?: me| us)? "
    r"(?:all|every|each|(?:an?|the) (?:full|complete) list)\b"
    r"|what are (?:all|each|every) (?:of )?(?:the )?|which .+ are (?:all|there)$|what .+ are there$"
)
_ONE_EN: Final = re.compile(r"\b(?:how (?:many|much|long|often)|who|when|where|why)\b.*$")

_ABOUT_TAIL: Final = re.compile(
    r"(?:的?(?:主要|全部|大致|核心|所有)?(?:内容|要点|重点|大意|概要|全文)|(?:主要|大致)?(?:讲|说|写)了?(?:些)?什么)$"
)
_EDGE: Final = " ,，。:：的"
_THIS: Final = re.compile(
    r"^(?:这|该|本|此|那|整|全)(?:一)?(?:份|个|篇|本|部|封|项)?"
    r"|^(?:the|this|that|an?|my|our|whole|entire|all(?: of)?)\b\s*"
)
_BARE_DOCUMENT: Final = re.compile(
    r"^(?:文件|文档|资料|材料|文章|全文|邮件|pdf|整个|篇)?$"
    r"|^(?:(?:whole|entire|attached|uploaded|this) )*(?:document|file|text|pdf|email|e-mail|it)?$"
)


def read_kind(question: str) -> Asked:
    """Return the kind of ``question`` and, if it is about a document, what it calls it."""
    if len(question) > _LONGEST:
        return Asked(QuestionKind.FACT)
    plain = normalise(question).rstrip(_TAIL)
    head = _POLITE.match(plain)
    request = plain[head.end() :] if head else plain
    of = _document_of(request)
    if of is not None:
        return Asked(QuestionKind.DOCUMENT, _subject(of), tuple(title.strip() for title in _TITLE.findall(of)))
    return Asked(QuestionKind.LIST if _asks_for_all(request) else QuestionKind.FACT)


def _document_of(request: str) -> str | None:
    """Return what the request calls the document that it is about, None when it is about none."""
    summed = _SUM_UP_ZH.match(request) or _SUM_UP_EN.match(request)
    behind = _SUM_UP_BEHIND_ZH.match(request)
    if summed and not _ONE_ZH.search(request) and not _ONE_EN.search(request[summed.end() :]):
        return request[summed.end() :]
    if behind and not _ONE_ZH.search(request):
        return behind["of"]
    about = _ABOUT_ZH.match(request) or _ABOUT_EN.match(request)
    of = next(part for part in about.groups() if part) if about else ""
    return of if _names_document(of) else None


def _asks_for_all(request: str) -> bool:
    """Whether the request wants everything of a kind."""
    listed = _LIST_ZH.match(request) or _LIST_EN.match(request)
    if listed and not _ONE_ZH.search(request) and not _ONE_EN.search(request[listed.end() :]):
        return True
    return bool(_WHICH_ZH.search(request)) and not _NOT_WHICH_ZH.search(request)


def _names_document(text: str) -> bool:
    """Whether ``text`` ends like the name of a document, or is one between 《》."""
    bare = text.strip()
    return bare.endswith("》") or bool(_DOCUMENT_ZH.search(bare) or _DOCUMENT_EN.search(bare))


def _subject(text: str) -> str:
    """Return the name in what a request is about: without this and that, "" for "this document"."""
    bare = _ABOUT_TAIL.sub("", text.strip(_EDGE)).strip(_EDGE).replace("《", "").replace("》", "")
    bare = _THIS.sub("", bare).strip()
    return "" if _BARE_DOCUMENT.match(bare) else bare
