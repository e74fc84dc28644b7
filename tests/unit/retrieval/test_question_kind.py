"""Questions for everything and about whole documents, beside questions that use the same words for a fact."""

import pytest

from retrieval.query.kind import QuestionKind, read_kind

DOCUMENT = [
    ("总结一下差旅管理办法", "差旅管理办法"),
    ("请总结《差旅管理办法》的主要内容", "差旅管理办法"),
    ("帮我概括这份文件", ""),
    ("請總結這份文件的要點", ""),
    ("把员工手册做一个总结", "员工手册"),
    ("这份文件讲了什么", ""),
    ("用三句话概括董事会会议纪要", "董事会会议纪要"),
    ("请归纳一下信息安全管理规定的核心内容", "信息安全管理规定"),
    ("员工手册的主要内容是什么？", "员工手册"),
    ("Summarize the supplier code of conduct.", "supplier code of conduct"),
    ("Please give me a brief summary of this document", ""),
    ("What is this document about?", ""),
    ("What are the key points of the ring main unit datasheet?", "ring main unit datasheet"),
]
LIST = [
    "列出所有一类城市",
    "请列举全部试验项目",
    "员工有哪些补贴？",
    "試驗項目包括哪些？",
    "哪些岗位需要签保密协议？",
    "找出所有提到违约金的条款",
    "在哪些情况下可以解除合同？",
    "告诉我所有报销的限额",
    "List all spare parts for YLV-12",
    "Please list the containment actions",
    "What are all the tests required on site?",
    "Give me a complete list of the allowances",
    "Show every clause about penalties",
]
FACT = [
    "年终总结会什么时候开？",
    "总结报告的提交期限是多少天？",
    "工作总结由谁写？",
    "总结一下需要多少天",
    "摘要字数要求是多少？",
    "合同的主要内容变更需要谁批准？",
    "第十二条规定了什么？",
    "所有员工的年假是多少天？",
    "全部费用由谁承担？",
    "文件中列出的所有设备由谁负责？",
    "列出的条件满足几项才行？",
    "列举一个导致免疫缺陷的原因。",
    "有没有列出所有供应商的清单？",
    "无论哪些部门都要参加培训吗？",
    "哪些城市里住宿标准最高的是哪个？",
    "列车时刻表在哪里",
    "What is the list price of G05?",
    "list price of YLV-12",
    "Is the list of suppliers public?",
    "Who wrote the summary of the board meeting?",
    "How many days of leave do all employees get?",
    "Which test is required?",
    "额定电流 1000 A 的主母线规格是什么？",
    "",
]


@pytest.mark.parametrize(("question", "subject"), DOCUMENT)
def test_a_question_about_a_document_says_which(question: str, subject: str) -> None:
    asked = read_kind(question)
    assert (asked.kind, asked.subject) == (QuestionKind.DOCUMENT, subject)


def test_titles_between_marks_are_kept_apart() -> None:
    assert read_kind("总结《差旅管理办法》和《員工手冊》").titles == ("差旅管理办法", "员工手册")


@pytest.mark.parametrize("question", LIST)
def test_a_question_for_everything(question: str) -> None:
    assert read_kind(question).kind is QuestionKind.LIST


@pytest.mark.parametrize("question", FACT)
def test_the_same_words_may_ask_for_a_fact(question: str) -> None:
    assert read_kind(question).kind is QuestionKind.FACT


def test_a_long_text_is_no_such_request() -> None:
    assert read_kind("总结" + "差旅" * 200).kind is QuestionKind.FACT
