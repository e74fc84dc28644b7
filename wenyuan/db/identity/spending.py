"""What users and tokens take: answers at a time, requests and model tokens a day.

A reservation is one transaction that first writes the user's row of the day, so that two of one user wait for each
other wherever they run; what is over a limit is rolled back. Tokens are reserved for the largest answer there can be
and corrected when it has been given, so that a limit is never overspent, not even by answers that run at one time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import Connection
from wenyuan.errors import RateLimited
from wenyuan.ids import new_id

DAY_S: Final = 86_400
#: Days of spending that are kept.
KEPT_DAYS: Final = 40


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be taken; None for any amount. ``answers`` at a time, of one user."""

    answers: int
    user_requests: int | None = None
    user_tokens: int | None = None
    token_requests: int | None = None
    token_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """An answer that was allowed, with what was set aside for it."""

    id: str
    subjects: tuple[str, ...]
    day: int
    tokens: int


class OverBudget(RateLimited):
    """A limit of the day is reached; ``retry_after_s`` is the time until the next one begins."""

    code = "budget.day"
    status = 429
    zh = "今天的用量已达上限（{what} {limit}）。请在 {retry_after_s} 秒后重试，或联系管理员。"
    en = "Today's limit is reached ({what} {limit}). Try again in {retry_after_s} seconds, or ask an administrator."


class TooManyAnswers(RateLimited):
    """As many answers as a user may have at a time are being made."""

    code = "budget.answers"
    status = 429
    zh = "您同时进行的提问已有 {limit} 个。请等其中一个完成后再问。"
    en = "{limit} of your questions are being answered already. Wait for one of them to finish."


async def reserve(
    tx: Connection, user_id: str, token_id: str, tokens: int, limits: Limits, lease_s: float
) -> Reservation:
    """Set aside one request, ``tokens``, and a place among the user's answers for at most ``lease_s``.

    Raises ``OverBudget`` or ``TooManyAnswers``; the transaction must then be rolled back.
    """
    now = time.time()
    day = int(now // DAY_S)
    await _take(tx, user_id, day, tokens, limits.user_requests, limits.user_tokens)
    if token_id:
        await _take(tx, token_id, day, tokens, limits.token_requests, limits.token_tokens)
    running = t.running_answers
    await tx.execute(sa.delete(running).where(running.c.user_id == user_id, running.c.until <= now))
    count = await tx.scalar(sa.select(sa.func.count()).select_from(running).where(running.c.user_id == user_id))
    if (count or 0) >= limits.answers:
        raise TooManyAnswers(limit=limits.answers, retry_after_s=2)
    reservation = Reservation(new_id("run"), (user_id, token_id) if token_id else (user_id,), day, tokens)
    await tx.execute(sa.insert(running).values(id=reservation.id, user_id=user_id, until=now + lease_s))
    return reservation


async def settle(tx: Connection, reservation: Reservation, tokens: int) -> None:
    """End an answer that took ``tokens``; what was set aside beyond them is given back."""
    spent = t.spending
    await tx.execute(sa.delete(t.running_answers).where(t.running_answers.c.id == reservation.id))
    for subject in reservation.subjects:
        await tx.execute(
            sa.update(spent)
            .where(spent.c.subject == subject, spent.c.day == reservation.day)
            .values(tokens=spent.c.tokens - reservation.tokens + tokens)
        )


async def read_spending(tx: Connection, subjects: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return (requests, tokens) of today by user or token id."""
    spent = t.spending
    day = int(time.time() // DAY_S)
    rows = await tx.execute(sa.select(spent).where(spent.c.subject.in_(subjects), spent.c.day == day))
    return {row.subject: (row.requests, row.tokens) for row in rows}


_TAKE: Final = sa.text(
    "INSERT INTO spending (subject, day, requests, tokens) VALUES (:subject, :day, 1, :tokens)"
    " ON CONFLICT (subject, day) DO UPDATE"
    " SET requests = spending.requests + 1, tokens = spending.tokens + excluded.tokens RETURNING requests, tokens"
)


async def _take(
    tx: Connection, subject: str, day: int, tokens: int, most_requests: int | None, most_tokens: int | None
) -> None:
    row = (await tx.execute(_TAKE, {"subject": subject, "day": day, "tokens": tokens})).one()
    left_s = int((day + 1) * DAY_S - time.time()) + 1
    if most_requests is not None and row.requests > most_requests:
        raise OverBudget(what="requests", limit=most_requests, retry_after_s=left_s)
    if most_tokens is not None and row.tokens > most_tokens:
        raise OverBudget(what="tokens", limit=most_tokens, retry_after_s=left_s)
    if row.requests == 1:
        await tx.execute(sa.delete(t.spending).where(t.spending.c.day < day - KEPT_DAYS))
