"""`${…}` knows names and secrets, and no JavaScript."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.settings.template import Fault, NameReference, SecretReference, references, secret_keys


@pytest.mark.parametrize("text", ["${a}", "${ a }", "${td.last_job.id}", "${_x1}", "${名前}"])
def test_a_dotted_name_is_a_reference(text: str) -> None:
    assert list(references(text)) == [NameReference(0, len(text), text[2:-1].strip())]


@pytest.mark.parametrize("text", ["${secret:a.b-c_D1}", "${secret : a.b-c_D1 }", "${ secret: a.b-c_D1}"])
def test_a_secret_is_known_by_its_key(text: str) -> None:
    assert list(references(text)) == [SecretReference(0, len(text), "a.b-c_D1")]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("${moment(session_time).format('YYYY')}", "JavaScript"),
        ("${a || 'b'}", "JavaScript"),
        ("${1 + 1}", "JavaScript"),
        ("${a[0]}", "JavaScript"),
        ("${my-var}", "JavaScript"),
        ("${a ? b : c}", "JavaScript"),
        ("${'a'}", "JavaScript"),
        ("${env:HOME}", "secret:key"),
        ("${secret:a b}", "letters"),
        ("${secret:}", "letters"),
        ("${}", "nothing"),
        ("${a", "without its"),
    ],
)
def test_anything_else_is_a_fault(text: str, word: str) -> None:
    (fault,) = references(f"x {text}")
    assert isinstance(fault, Fault)
    assert fault.start == 2
    assert word in fault.message


def test_all_references_come_in_order() -> None:
    assert [type(each) for each in references("${a}$${b} $ {c} ${secret:d}${")] == [
        NameReference,
        NameReference,
        SecretReference,
        Fault,
    ]


def test_the_keys_of_secrets_are_listed() -> None:
    assert secret_keys("${secret:a} ${b} ${secret:c.d}") == ["a", "c.d"]


@given(st.text(st.sampled_from("${}:ab. secret"), max_size=30))
def test_references_never_overlap(text: str) -> None:
    found = list(references(text))
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(text[each.start : each.start + 2] == "${" for each in found)
