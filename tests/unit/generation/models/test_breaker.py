"""The circuit breaker and its retry budget."""

from generation.llm.breaker import CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def call(breaker: CircuitBreaker, *, ok: bool) -> bool:
    allowed = breaker.allow()
    if allowed:
        breaker.record(ok=ok)
    return allowed


def test_it_opens_at_half_of_the_window_and_lets_one_trial_through_after_a_while() -> None:
    clock = Clock()
    breaker = CircuitBreaker(window=20, cool_s=10, clock=clock)
    assert all(call(breaker, ok=i % 2 == 0) for i in range(19))
    assert call(breaker, ok=False)
    assert not breaker.allow()
    clock.now = 9.9
    assert not breaker.allow()
    clock.now = 10.1
    assert breaker.allow()
    assert not breaker.allow()
    breaker.record(ok=False)
    assert not breaker.allow()
    clock.now = 20.3
    assert call(breaker, ok=True)
    assert call(breaker, ok=True)


def test_an_abandoned_trial_may_be_repeated() -> None:
    clock = Clock()
    breaker = CircuitBreaker(window=4, cool_s=1, clock=clock)
    for _ in range(2):
        call(breaker, ok=False)
    clock.now = 2
    assert breaker.allow()
    breaker.abandon()
    assert breaker.allow()


def test_retries_are_a_tenth_of_the_calls() -> None:
    breaker = CircuitBreaker(window=20)
    retries = 0
    for _ in range(200):
        call(breaker, ok=True)
        retries += breaker.take_retry()
    assert 18 <= retries <= 23


def test_no_retry_while_open() -> None:
    breaker = CircuitBreaker(window=2)
    call(breaker, ok=False)
    assert not breaker.allow()
    assert not breaker.take_retry()
