"""Try again, politely."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from td_line_connectors.errors import RateLimitedError, TaskTimeoutError, TransientError

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["OnWait", "RetryPolicy"]

T = TypeVar("T")

OnWait = Callable[[float, TransientError], None]
"""Told before each wait: how many seconds, and because of which error. May raise to give up."""

MAX_DOUBLINGS = 60
"""Waits stop doubling here: by then every one is at its cap, and the power stays within a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and for how long, a call is tried.

    The wait after the n-th failed try is drawn evenly from 0 to `min(wait_max, wait_initial * 2 ** (n - 1))`
    seconds (full jitter), so that callers who failed together do not come back together. Where the far side
    named a wait (`TransientError.retry_after`), that one is kept instead, up to `retry_after_max`.

    Attributes:
        attempts: tries in all, the first included.
        within: seconds since the first try after which no further try begins.
        wait_initial: upper end of the first wait, in seconds.
        wait_max: upper end of every wait, in seconds.
        retry_after_max: the longest wait, in seconds, that the far side may ask of us.
        rate_limit_patience: seconds since the first rate-limited answer for which such answers are waited out.
            A try waited out so, and its wait, count neither in `attempts` nor in `within`. 0: they count as any other.
    """

    attempts: int = 6
    within: float = 120.0
    wait_initial: float = 0.5
    wait_max: float = 30.0
    retry_after_max: float = 60.0
    rate_limit_patience: float = 0.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts: must be at least 1, the first try")
        if min(self.within, self.wait_initial, self.wait_max, self.retry_after_max, self.rate_limit_patience) < 0:
            raise ValueError("a retry policy's seconds must not be negative")

    def call(
        self,
        work: Callable[[], T],
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        random: Callable[[], float],
        on_wait: OnWait | None = None,
    ) -> T:
        """Call `work` until it succeeds, fails for good, or patience ends.

        Args:
            work: does one try. Only its `TransientError` is tried again, and of these not `TaskTimeoutError`.
            sleep: waits that many seconds.
            monotonic: seconds on a clock that never goes back.
            random: an even draw from [0, 1).
            on_wait: told before each wait.

        Returns:
            What `work` returned.

        Raises:
            RateLimitedError: rate limiting outlasted `rate_limit_patience`; the message says for how long.
            Exception: otherwise the last error of `work`, itself.
        """
        from tenacity import Retrying  # noqa: PLC0415 - a host that sends nothing does not pay for the import

        tries = _Tries(self, monotonic, random)

        def show(state: "RetryCallState") -> None:
            if on_wait is not None:
                on_wait(state.upcoming_sleep, _error(state))

        retrying = Retrying(
            retry=_is_worth_another_try,
            wait=lambda state: tries.wait(_error(state)),
            stop=lambda state: tries.is_over(_error(state), state.upcoming_sleep),
            before_sleep=show,
            sleep=sleep,
            reraise=True,
        )
        try:
            return retrying(lambda: tries.begin(work))
        except RateLimitedError as error:
            if tries.waited_out is None:
                raise
            message = f"{error}; still so after {tries.waited_out:.0f} s of waiting: try again later"
            raise RateLimitedError(message, error.retry_after) from error


def _is_worth_another_try(state: "RetryCallState") -> bool:
    """Say whether the last try failed in a way that time may cure."""
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, TransientError) and not isinstance(error, TaskTimeoutError)


def _error(state: "RetryCallState") -> TransientError:
    """Give the last try's error, which `_is_worth_another_try` has let through."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TransientError)
    return error


class _Tries:
    """The tries of one call so far. Tenacity asks `wait`, then `is_over`, after each failed try."""

    def __init__(self, policy: RetryPolicy, monotonic: Callable[[], float], random: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._random = random
        self._counted = 0
        self._limited = 0
        self._forgiven = 0.0
        self._first_try: float | None = None
        self._this_try = 0.0
        self._first_limited: float | None = None
        self.waited_out: float | None = None
        """Seconds for which rate limiting was waited out in vain; None where it was not."""

    def begin(self, work: Callable[[], T]) -> T:
        """Do one try."""
        self._this_try = self._monotonic()
        if self._first_try is None:
            self._first_try = self._this_try
        return work()

    def wait(self, error: TransientError) -> float:
        """Count a failed try and give the seconds to wait before the next."""
        if self._is_patient_with(error):
            self._limited += 1
            failures = self._limited
        else:
            self._counted += 1
            failures = self._counted
        policy = self._policy
        if error.retry_after is not None:
            return min(max(error.retry_after, 0.0), policy.retry_after_max)
        doubled = policy.wait_initial * 2.0 ** min(failures - 1, MAX_DOUBLINGS)
        return self._random() * min(policy.wait_max, doubled)

    def is_over(self, error: TransientError, wait: float) -> bool:
        """Say whether to give up rather than to wait `wait` seconds more."""
        now = self._monotonic()
        if self._is_patient_with(error):
            if self._first_limited is None:
                self._first_limited = now
            if now + wait - self._first_limited > self._policy.rate_limit_patience:
                self.waited_out = now - self._first_limited
                return True
            self._forgiven += now - self._this_try + wait
            return False
        assert self._first_try is not None
        spent = now - self._first_try - self._forgiven
        return self._counted >= self._policy.attempts or spent + wait > self._policy.within

    def _is_patient_with(self, error: TransientError) -> bool:
        return isinstance(error, RateLimitedError) and self._policy.rate_limit_patience > 0
