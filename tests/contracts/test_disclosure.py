"""Wherever a text comes to light, it is found."""

import logging
from collections.abc import Callable

import pytest

from td_line_connectors.errors import RefusedError, TransientError
from td_line_connectors.testing.contracts.disclosure import found_in, logged, pickled, texts_of

SECRET = "tok-5ecret-9Zq"


def with_message() -> BaseException:
    return RefusedError(f"401 for {SECRET}", 401)


def with_note() -> BaseException:
    error = RefusedError("401", 401)
    error.add_note(SECRET)
    return error


def with_argument() -> BaseException:
    return ValueError("odd", {"token": SECRET})


def _raised(handler: Callable[[BaseException], None]) -> BaseException:
    """Give what a handler raises while another error, whose message holds the secret, is being handled."""
    try:
        int(SECRET)
    except ValueError as error:
        try:
            handler(error)
        except TransientError as raised:
            return raised
    raise AssertionError("the handler raises")


def with_cause() -> BaseException:
    def handler(error: BaseException) -> None:
        raise TransientError("broken") from error

    return _raised(handler)


def with_context() -> BaseException:
    def handler(_: BaseException) -> None:
        raise TransientError("broken")

    return _raised(handler)


def with_hidden_context() -> BaseException:
    def handler(_: BaseException) -> None:
        raise TransientError("broken") from None

    return _raised(handler)


def with_error_inside() -> BaseException:
    return ConnectionError(TransientError("broken"), ValueError(SECRET))


def in_a_group() -> BaseException:
    return ExceptionGroup("several", [TransientError("broken"), ExceptionGroup("more", [ValueError(SECRET)])])


PLACES = [with_message, with_note, with_argument, with_cause, with_context, with_hidden_context, with_error_inside]


@pytest.mark.parametrize("make", [*PLACES, in_a_group], ids=lambda each: each.__name__)
def test_a_secret_in_an_error_is_found(make: Callable[[], BaseException]) -> None:
    assert found_in(texts_of(make()), [SECRET]) != []


def test_an_error_without_it_is_not_blamed() -> None:
    assert found_in(texts_of(TransientError("503")), [SECRET]) == []


def test_what_an_error_carries_to_another_process_is_found_though_it_prints_nowhere() -> None:
    error = RefusedError("401", 401)
    error.request = {"Authorization": SECRET}  # type: ignore[attr-defined]  # as HTTP libraries' errors have it

    assert found_in(texts_of(error), [SECRET]) == []
    assert any(SECRET.encode() in each for each in pickled(error))


def test_an_error_that_cannot_be_pickled_stays_where_it_is() -> None:
    assert list(pickled(ValueError(lambda: SECRET))) == []


@pytest.mark.parametrize(
    "log",
    [
        lambda log: log.debug("token %s", SECRET),
        lambda log: log.info("request", extra={"headers": {"Authorization": SECRET}}),
        lambda log: log.error("failed", exc_info=ValueError(SECRET)),
    ],
    ids=["message", "extra", "traceback"],
)
def test_a_secret_in_a_log_is_found(log: Callable[[logging.Logger], None]) -> None:
    with logged() as told:
        log(logging.getLogger("some.library"))

    assert found_in(told, [SECRET]) != []


def test_logging_is_afterwards_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))

    with logged():
        pass

    assert (root.level, list(root.handlers)) == before
