from collections.abc import Callable
from datetime import date

import pytest

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators import boolean, country, integer, seconds, url


def code_of(validator: Callable[[object], object], value: object) -> str:
    with pytest.raises(InvalidValueError) as caught:
        validator(value)
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (False, False), ("true", True), ("false", False)], ids=repr
)
def test_a_switch_is_true_or_false(value: object, expected: object) -> None:
    assert boolean(value) is expected


@pytest.mark.parametrize(
    "value", ["True", "FALSE", "yes", "no", "on", "1", "0", 1, 0, 1.0, None, [], "ｔｒｕｅ"], ids=repr
)
def test_no_other_spelling_is_a_switch(value: object) -> None:
    assert code_of(boolean, value) == "boolean"


@pytest.mark.parametrize(("value", "expected"), [("15", 15), (1, 1), (15.0, 15), ("20", 20)], ids=repr)
def test_a_whole_number_in_range_is_read(value: object, expected: int) -> None:
    found = integer(1, 20)(value)

    assert found == expected
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    ["0", 21, "-1", "015", "1_0", "1e1", "15.0", "+15", "１５", "fifteen", "9" * 5000, "15\n"],
    ids=lambda v: str(v)[:8],
)
def test_what_is_no_whole_number_in_range_is_refused(value: object) -> None:
    assert code_of(integer(1, 20), value) == "integer"


def test_a_whole_number_may_be_negative_and_without_a_maximum() -> None:
    assert integer(-5)("-5") == -5
    assert integer(0)(10**17) == 10**17


def test_a_boolean_is_no_number() -> None:
    assert code_of(integer(0, 1), True) == "boolean"
    assert code_of(seconds(0.0), True) == "boolean"


@pytest.mark.parametrize(("value", "expected"), [("1.0", 1.0), ("30", 30.0), (0.5, 0.5), (1800, 1800.0)], ids=repr)
def test_seconds_are_a_float(value: object, expected: float) -> None:
    found = seconds(0.5)(value)

    assert found == expected
    assert type(found) is float


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "nan", "inf", "-1", 0.4, "30s", "1e3", "1_0", ".5", 86_401, "00:30"], ids=repr
)
def test_what_is_no_span_of_time_is_refused(value: object) -> None:
    assert code_of(seconds(0.5), value) == "seconds"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://api.cresclab.com", "https://api.cresclab.com"),
        ("https://api.cresclab.com/", "https://api.cresclab.com"),
        ("HTTPS://API.Cresclab.com:8443/v1/Path//", "https://api.cresclab.com:8443/v1/Path"),
        ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]:443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("http://127.255.3.4", "http://127.255.3.4"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
    ids=lambda value: value,
)
def test_an_endpoint_is_https_or_on_this_machine(value: str, expected: str) -> None:
    assert url(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "http://api.cresclab.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://128.0.0.1",
        "http://127.1",
        "http://2130706433",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::ffff:127.0.0.1]",
        "http://[::1].example.com",
        "http://[::1%25lo]",
        "http://localhost.",
        "https://user@example.com",
        "https://user:word@example.com/",
        "http://localhost@example.com",
        "http://example.com\\@localhost",
        "https://example.com/?a=b",
        "https://example.com/?",
        "https://example.com/#part",
        "https://example.com#",
        "https://",
        "https:///path",
        "https:example.com",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:",
        "https://example.com:8o",
        "https://[::1",
        "https://[example.com]",
        "https://-a.example.com",
        "https://a..example.com",
        "https://例え.jp",
        "https://exa mple.com",
        "https://example.com\n",
        "https://example.com/\tpath",
        "httpſ://example.com",
        "ftp://example.com",
        "file:///etc/hosts",
        "//example.com",
        "example.com",
        "tw",
        8080,
    ],
    ids=ascii,
)
def test_no_token_goes_to_any_other_address(value: object) -> None:
    assert code_of(url, value) == "url"


@pytest.mark.parametrize(("value", "expected"), [("TW", "TW"), ("jp", "JP"), ("Th", "TH"), ("NO", "NO")])
def test_a_country_is_given_in_upper_case(value: str, expected: str) -> None:
    assert country(value) == expected


@pytest.mark.parametrize("value", ["TWN", "T", "ZZ", "XX", "001", "UK", "ß", "ＴＷ", "台灣", 886, "Taiwan"], ids=ascii)
def test_what_phonenumbers_does_not_know_is_no_country(value: object) -> None:
    assert code_of(country, value) == "country"


def test_norway_as_a_boolean_is_refused() -> None:
    assert code_of(country, False) == "boolean"


@pytest.mark.parametrize(
    "validator", [country, url, integer(0), seconds()], ids=["country", "url", "integer", "seconds"]
)
def test_a_date_is_no_scalar(validator: Callable[[object], object]) -> None:
    assert code_of(validator, date(1985, 4, 6)) == "type"
