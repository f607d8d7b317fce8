"""What does an input connector promise?"""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import pytest

from td_line_connectors.errors import CallError, PayloadError, SignatureError
from td_line_connectors.spi import Delivery, InputPlugin
from td_line_connectors.testing.contracts.declaration import DeclarationPromises, printed
from td_line_connectors.testing.contracts.disclosure import found_in, logged, texts_of
from td_line_connectors.testing.contracts.sensitive import secrets_in

__all__ = ["InputContract"]

NOON: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)

ODD_EVENTS: Final = {
    "null": "null",
    "a number": "17",
    "a text": '"event"',
    "an array": "[[]]",
    "an empty object": "{}",
    "an unknown kind": '{"type":"not yet invented","notYet":{"a":[1,2]}}',
    "other types than ever": '{"type":7,"timestamp":"noon","source":[],"mode":null}',
    "a number beyond 64 bits": '{"type":"message","size":123456789012345678901234567890}',
    "half a character": '{"type":"message","text":"\\ud83e"}',
    "a zero byte": '{"type":"message","text":"\\u0000"}',
    "names alike but for case": '{"type":"message","Type":"message","TYPE":"message"}',
    "nested deeply": '{"type":' + "[" * 60 + "]" * 60 + "}",
}
"""Elements of a call's events that nobody expects; each is JSON all the same."""

UNREADABLE: Final = {
    "nothing": b"",
    "no JSON": b"events=1&a=b",
    "JSON cut off": b'{"events":[{"type":"mess',
    "not UTF-8": b'{"events":[{"type":"\xff"}]}',
    "another shape": b'"events"',
}
"""Bodies that no connector can take apart."""


class InputContract(DeclarationPromises, ABC):
    """The promises of an input connector, as tests to inherit: name your class `Test…` and fill this in.

    Attributes:
        plugin: the plugin.
        events: sample events as JSON, at least two that differ.
        personal: texts within them that must never come to light.
    """

    plugin: InputPlugin[Any]
    events: Sequence[str]
    personal: Sequence[str]

    @abstractmethod
    def settings(self) -> Mapping[str, object]:
        """Give the raw settings of a connector, the secret that signs among them."""

    @abstractmethod
    def body(self, events: Sequence[str]) -> bytes:
        """Give the body of a call that has these events, each of them JSON."""

    @abstractmethod
    def signed(self, body: bytes) -> Mapping[str, str]:
        """Give the headers with which the far side sends a body."""

    def receive(self, body: bytes, headers: Mapping[str, str] | None = None) -> Delivery:
        """Receive a body with a new connector, signed unless other headers are given."""
        connector = self.plugin.connect(self.settings())
        return connector.receive(body, self.signed(body) if headers is None else headers, NOON)

    def test_the_samples_are_what_these_tests_need(self) -> None:
        delivery = self.receive(self.body(self.events))

        assert len(delivery.events) == len(self.events) > 1, "each of `events` must become a row, and there must be two"
        assert delivery.events[0] != delivery.events[1]
        for text in self.personal:
            assert text in "".join(self.events), "`personal` must be texts within `events`"

    def test_no_secret_is_printed_with_the_connector(self) -> None:
        settings = self.settings()
        config, connector = self.plugin.parameters.parse(settings), self.plugin.connect(settings)

        assert found_in(printed(config, connector), secrets_in(self.plugin, settings)) == []

    def test_the_signatures_header_is_found_in_any_case(self) -> None:
        body = self.body(self.events)
        expected = self.receive(body)
        header = self.plugin.signature_header

        assert header in self._headers(body), "`signed` must give the plugin's header"
        for change in (str.lower, str.upper, str.title):
            assert self.receive(body, {change(name): value for name, value in self.signed(body).items()}) == expected

    @pytest.mark.parametrize("how", ["no header", "empty", "of another body", "shortened", "no ASCII"])
    def test_a_call_that_is_not_signed_is_refused(self, how: str) -> None:
        body, header = self.body(self.events), self.plugin.signature_header
        signed, others = self._headers(body), self._headers(body + b" ")
        forged = {
            "no header": {},
            "empty": {header: ""},
            "of another body": others,
            "shortened": {header: signed[header][:-1]},
            "no ASCII": {header: "署名"},
        }

        with pytest.raises(SignatureError) as caught:
            self.receive(body, forged[how])

        assert found_in(texts_of(caught.value), [signed[header], *self.personal]) == []

    def test_a_call_that_is_not_signed_is_refused_before_it_is_read(self) -> None:
        with pytest.raises(SignatureError) as caught:
            self.receive(UNREADABLE["no JSON"], {})
        assert caught.value.status == 401

    def test_receiving_is_a_function_of_its_arguments(self) -> None:
        body = self.body(self.events)
        headers = MappingProxyType(dict(self.signed(body)))  # which nobody can write to
        connector = self.plugin.connect(self.settings())

        first, again = connector.receive(body, headers, NOON), connector.receive(body, headers, NOON)

        assert first == again == self.receive(body)

    def test_a_call_without_events_is_taken(self) -> None:
        delivery = self.receive(self.body([]))

        assert tuple(delivery.events) == ()
        assert delivery.raw

    def test_a_row_holds_what_a_table_can_keep(self) -> None:
        delivery = self.receive(self.body([*self.events, *ODD_EVENTS.values()]))

        for row in (delivery.raw, *delivery.events):
            for column, value in row.items():
                assert isinstance(value, str | int | float | None), column
                assert str(value).encode(), column  # half a character is no text in UTF-8

    @pytest.mark.parametrize("odd", ODD_EVENTS)
    def test_one_odd_event_costs_no_other(self, odd: str) -> None:
        alone = self.receive(self.body(self.events)).events
        first, *rest = self.events

        delivery = self.receive(self.body([first, ODD_EVENTS[odd], *rest]))

        assert [row for row in delivery.events if row in alone] == list(alone)
        assert len(delivery.events) == len(self.events) + 1, "the odd one is a row too"

    @pytest.mark.parametrize("what", UNREADABLE)
    def test_what_cannot_be_read_is_kept(self, what: str) -> None:
        body = UNREADABLE[what]

        with pytest.raises(PayloadError) as caught:
            self.receive(body)

        seen = body.decode(errors="backslashreplace")
        assert seen in caught.value.raw.values(), "the error's `raw` is the row to keep, the body in it"

    @pytest.mark.parametrize("end", [1, 2, 7], ids=lambda end: f"{end} bytes short")
    def test_an_error_betrays_nothing_and_survives_the_way_to_another_process(self, end: int) -> None:
        body = self.body(self.events)[:-end]
        hidden = [*self.personal, *secrets_in(self.plugin, self.settings())]

        with logged() as told, pytest.raises(CallError) as caught:
            self.receive(body)

        copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
        assert (type(copy), str(copy)) == (type(caught.value), str(caught.value))
        assert found_in([*told, *texts_of(caught.value)], hidden) == []

    def test_receiving_logs_nothing_of_a_call(self) -> None:
        with logged() as told:
            self.receive(self.body([*self.events, *ODD_EVENTS.values()]))

        assert found_in(told, [*self.personal, *secrets_in(self.plugin, self.settings())]) == []

    def _headers(self, body: bytes) -> dict[str, str]:
        return {name.lower(): value for name, value in self.signed(body).items()}
