"""A fault that every call meets is told now and then, not with every call."""

import logging

import pytest

from td_line_connectors.server.complaints import Complaints

LOGGER = logging.getLogger("td_line_connectors.tests")


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_sentence_is_told_once_and_later_with_how_often_it_was_not(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    complaints = Complaints(LOGGER, clock, pause=10)
    for now in (100, 103, 106, 109, 110):  # the pause is counted from when it was said, not from when it was left out
        clock.now = now
        complaints.tell("the disk is full")

    assert caplog.messages == ["the disk is full", "the disk is full (3 times more since it was last said)"]


def test_another_sentence_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(LOGGER, Clock())
    complaints.tell("one database")
    complaints.tell("another database")

    assert caplog.messages == ["one database", "another database"]


def test_sentences_that_are_all_different_do_not_fill_the_memory(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(LOGGER, Clock())
    for number in range(1000):
        complaints.tell(f"fault {number}")

    assert len(caplog.messages) == 1000
    assert len(complaints._said) <= 100
