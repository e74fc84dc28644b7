"""What a model says that another document contradicts, or that stands in a replaced edition, over a real endpoint."""

from dataclasses import replace

from generation.llm.chat import Limits
from generation.service import Answers
from tests.integration.chat_endpoint import Endpoint
from tests.unit.generation.passages import passage
from wenyuan.answers import Answer, Answerer, AnswerEvent, Evidence, Packed
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings

LIMITS = Limits(connect_s=1, first_token_s=30, between_tokens_s=20, total_s=60, backoff_s=0.01)
QUESTION = "一线城市住宿标准是多少元？"
NEW = "一线城市住宿标准为每人每天600元，超出部分由个人承担。"
OLD = "一线城市住宿标准为每人每天400元，超出部分由个人承担。"


async def told(
    endpoint: Endpoint, evidence: tuple[Evidence, ...], *said: str, context_tokens: int = 6000
) -> list[AnswerEvent]:
    endpoint.unknown, endpoint.deltas = frozenset({"response_format"}), list(said)
    given = GenerationSettings(answerer="llm", url=endpoint.url, model="test", context_tokens=context_tokens)
    answers = Answers(given, None, limits=LIMITS)
    return [event async for event in answers.answer(QUESTION, Packed(evidence), "zh", Trail(None))]


async def ask(endpoint: Endpoint, evidence: tuple[Evidence, ...], *said: str) -> Answer:
    events = await told(endpoint, evidence, *said)
    answer = events[-1].answer
    assert answer is not None
    assert answer.answerer is Answerer.LLM
    assert "".join(event.text for event in events if event.kind == "token") == answer.text
    return answer


async def test_a_statement_is_followed_by_what_another_document_says_instead(endpoint: Endpoint) -> None:
    one = replace(passage(NEW, "a", title="差旅须知"), dated="2024-03-01")
    other = passage(OLD, "b", title="财务报销问答")
    answer = await ask(endpoint, (one, other), "一线城市住宿标准为每人每天600元[1]。", "超出部分由个人承担[1]。")
    assert answer.notices == ("answer.conflict",)
    first, second, third = answer.statements
    assert first.text == "据《差旅须知》（2024-03-01）：一线城市住宿标准为每人每天600元。"
    assert second.text == f"《财务报销问答》的说法不同：{OLD}"
    assert third.text == "超出部分由个人承担。"
    assert [citation.document_id for citation in answer.citations][:2] == ["doc-a", "doc-b"]


async def test_a_statement_on_both_documents_has_told_both_sides_itself(endpoint: Endpoint) -> None:
    evidence = (passage(NEW, "a", title="差旅须知"), passage(OLD, "b", title="财务报销问答"))
    said = "一线城市住宿标准为每人每天600元，另一处为每人每天400元[1][2]。"
    answer = await ask(endpoint, evidence, said)
    assert "说法不同" not in answer.text


async def test_what_a_replaced_edition_says_is_told_as_such(endpoint: Endpoint) -> None:
    evidence = (
        passage("出差须事先经部门负责人批准。", "new", title="差旅管理办法（2024）"),
        passage(OLD, "old", title="差旅管理办法（2021）"),
    )
    answer = await ask(endpoint, evidence, "一线城市住宿标准为每人每天400元[2]。")
    assert answer.notices == ("answer.superseded",)
    assert answer.text.startswith("《差旅管理办法（2021）》已由《差旅管理办法（2024）》代替")


async def test_what_replaced_an_edition_is_behind_a_text_that_names_it_though_no_model_was_shown_it(
    endpoint: Endpoint,
) -> None:
    evidence = (
        passage(OLD, "old", title="差旅管理办法（2021）"),
        passage("出差须事先经部门负责人批准。" * 20, "new", title="差旅管理办法（2024）"),
    )
    events = await told(endpoint, evidence, "一线城市住宿标准为每人每天400元[1]。", context_tokens=256)
    [text] = [event for event in events if event.kind == "token"]
    assert "差旅管理办法（2024）" in text.text
    assert text.chunk_ids == (evidence[0].chunk_id, evidence[1].chunk_id)
