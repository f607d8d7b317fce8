"""Try again, politely."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.errors import (
    RateLimitedError,
    RefusedError,
    TaskTimeoutError,
    TransientError,
    UncertainError,
)
from td_line_connectors.transport.retry import RetryPolicy


@dataclass
class Stage:
    """Work that fails as told, one error a try and the last for ever, on a clock that sleep alone moves."""

    errors: list[Exception]
    recovers: bool = True
    seconds: float = 0.0
    time: float = 0.0
    tries: int = 0
    slept: list[float] = field(default_factory=list)
    shown: list[tuple[float, TransientError]] = field(default_factory=list)

    def work(self) -> str:
        self.time += self.seconds
        self.tries += 1
        if self.tries <= len(self.errors):
            raise self.errors[self.tries - 1]
        if self.recovers:
            return "done"
        raise self.errors[-1]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def play(self, policy: RetryPolicy, random: Callable[[], float] = lambda: 1.0) -> str:
        return policy.call(
            self.work,
            sleep=self.sleep,
            monotonic=lambda: self.time,
            random=random,
            on_wait=lambda seconds, error: self.shown.append((seconds, error)),
        )


def test_work_that_succeeds_is_done_once() -> None:
    stage = Stage([])
    assert stage.play(RetryPolicy()) == "done"
    assert (stage.tries, stage.slept) == (1, [])


def test_the_wait_doubles_up_to_its_cap() -> None:
    stage = Stage([TransientError("busy")] * 5)
    assert stage.play(RetryPolicy(wait_initial=0.5, wait_max=3.0)) == "done"
    assert stage.slept == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_the_whole_wait_is_drawn() -> None:
    draws = iter([0.0, 0.5, 0.25])
    stage = Stage([TransientError("busy")] * 3)
    stage.play(RetryPolicy(), random=lambda: next(draws))
    assert stage.slept == [0.0, 0.5, 0.5]


def test_after_the_last_try_its_own_error_is_raised() -> None:
    errors: list[Exception] = [TransientError(f"busy {n}") for n in range(3)]
    stage = Stage(errors, recovers=False)
    with pytest.raises(TransientError) as caught:
        stage.play(RetryPolicy(attempts=3))
    assert caught.value is errors[2]
    assert (stage.tries, len(stage.slept)) == (3, 2)


@pytest.mark.parametrize(
    "error",
    [
        UncertainError("may have acted"),
        RefusedError("no"),
        TaskTimeoutError("too long"),
        ValueError("a bug"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_other_errors_are_raised_at_once(error: Exception) -> None:
    stage = Stage([error])
    with pytest.raises(type(error)) as caught:
        stage.play(RetryPolicy(rate_limit_patience=100))
    assert caught.value is error
    assert stage.slept == []


def test_an_error_that_must_not_be_repeated_ends_a_row_of_tries() -> None:
    stage = Stage([TransientError("busy"), UncertainError("may have acted")])
    with pytest.raises(UncertainError):
        stage.play(RetryPolicy())
    assert stage.tries == 2


def test_no_try_begins_later_than_within() -> None:
    stage = Stage([TransientError("busy")], recovers=False)
    with pytest.raises(TransientError):
        stage.play(RetryPolicy(attempts=100, within=10.0, wait_initial=4.0, wait_max=4.0))
    assert stage.slept == [4.0, 4.0]


def test_the_time_of_the_tries_counts_in_within() -> None:
    stage = Stage([TransientError("busy")], recovers=False, seconds=30.0)
    with pytest.raises(TransientError):
        stage.play(RetryPolicy(within=70.0, wait_initial=1.0))
    assert stage.tries == 3


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(7.0, 7.0), (0.0, 0.0), (-5.0, 0.0), (60.0, 60.0), (3600.0, 60.0)],
    ids=["kept", "zero", "past", "at the cap", "above the cap"],
)
def test_a_wait_that_the_far_side_names_wins_up_to_its_cap(asked: float, waited: float) -> None:
    stage = Stage([RateLimitedError("429", asked)])
    assert stage.play(RetryPolicy(), random=lambda: 0.0) == "done"
    assert stage.slept == [waited]


def test_rate_limiting_without_a_named_wait_follows_the_formula() -> None:
    stage = Stage([RateLimitedError("429")] * 2)
    stage.play(RetryPolicy())
    assert stage.slept == [0.5, 1.0]


def test_without_patience_rate_limiting_uses_up_tries() -> None:
    stage = Stage([RateLimitedError("429", 1.0)], recovers=False)
    with pytest.raises(RateLimitedError) as caught:
        stage.play(RetryPolicy(attempts=3))
    assert stage.tries == 3
    assert caught.value is stage.errors[0]


def test_patience_waits_rate_limiting_out_beyond_attempts_and_within() -> None:
    stage = Stage([RateLimitedError("429", 30.0)] * 20)
    assert stage.play(RetryPolicy(attempts=1, within=10.0, rate_limit_patience=1800.0)) == "done"
    assert stage.slept == [30.0] * 20


def test_what_was_waited_out_takes_nothing_from_the_other_tries() -> None:
    limited: list[Exception] = [RateLimitedError("429", 60.0)] * 10
    stage = Stage([*limited, TransientError("busy"), TransientError("busy")], seconds=1.0)
    assert stage.play(RetryPolicy(attempts=3, within=20.0, rate_limit_patience=1800.0)) == "done"
    assert stage.slept == [60.0] * 10 + [0.5, 1.0]


def test_when_patience_ends_the_error_says_for_how_long_it_was_waited() -> None:
    stage = Stage([RateLimitedError("POST /import: 429", 30.0)], recovers=False)
    with pytest.raises(RateLimitedError, match="POST /import: 429; still so after 90 s of waiting") as caught:
        stage.play(RetryPolicy(rate_limit_patience=100.0))
    assert stage.slept == [30.0] * 3
    assert caught.value.retry_after == 30.0
    assert caught.value.__cause__ is stage.errors[0]


def test_patience_is_counted_from_the_first_rate_limited_answer() -> None:
    stage = Stage([TransientError("busy"), RateLimitedError("429", 50.0)], recovers=False)
    with pytest.raises(RateLimitedError, match="after 100 s"):
        stage.play(RetryPolicy(wait_initial=40.0, wait_max=40.0, rate_limit_patience=100.0))


def test_each_wait_is_shown_before_it_begins() -> None:
    error = TransientError("busy")
    stage = Stage([error])
    stage.play(RetryPolicy())
    assert stage.shown == [(0.5, error)]


def test_whoever_is_shown_a_wait_may_give_up() -> None:
    stage = Stage([TransientError("busy")])

    def stop(_seconds: float, _error: TransientError) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RetryPolicy().call(stage.work, sleep=stage.sleep, monotonic=lambda: 0.0, random=lambda: 1.0, on_wait=stop)
    assert stage.slept == []


def test_very_many_waits_stay_at_their_cap() -> None:
    stage = Stage([RateLimitedError("429")] * 3000)
    stage.play(RetryPolicy(wait_max=0.25, rate_limit_patience=1800.0))
    assert set(stage.slept) == {0.25}


@pytest.mark.parametrize("field", ["within", "wait_initial", "wait_max", "retry_after_max", "rate_limit_patience"])
def test_negative_seconds_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        RetryPolicy(**{field: -1.0})  # type: ignore[arg-type]  # each named field is a float


def test_a_policy_without_a_try_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RetryPolicy(attempts=0)


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=30),
    st.integers(1, 8),
    st.floats(0, 200),
    st.floats(0, 1, exclude_max=True),
)
def test_tries_and_time_are_bounded(asked: list[float | None], attempts: int, within: float, draw: float) -> None:
    errors: list[Exception] = [
        TransientError("5xx") if each is None else RateLimitedError("429", each) for each in asked
    ]
    stage = Stage(errors)
    try:
        stage.play(RetryPolicy(attempts=attempts, within=within), random=lambda: draw)
    except TransientError as error:
        assert error is errors[stage.tries - 1]  # noqa: PT017 - both ends are lawful; this is the law of one of them
    assert stage.tries <= attempts
    assert sum(stage.slept) <= within + 1e-9
    assert stage.tries == len(stage.slept) + 1
