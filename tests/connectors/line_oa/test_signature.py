"""A call is from LINE if one of the channel secrets says so."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from td_line_connectors.connectors.line_oa.signature import sign, signed_by
from td_line_connectors.secret import Secret

VECTORS = [
    pytest.param(
        "8c570fa6dd201bb328f1c1eac23a96d8",
        '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}',
        "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
        id="LINE's guide",
    ),
    pytest.param(
        "channel_secret", "bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k=", id="LINE's Python SDK"
    ),
    pytest.param(
        "test_secret", '{"hello":"world"}', "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM=", id="LINE's Node SDK"
    ),
]
BODY = b'{"events":[]}'
SIGNED = sign(Secret("a"), BODY).decode()
NOT_EMPTY = st.text(min_size=1).filter(str.isprintable)


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_the_published_signatures_come_out(secret: str, body: str, signature: str) -> None:
    assert sign(Secret(secret), body.encode()) == signature.encode()
    assert signed_by(body.encode(), signature, [Secret(secret)]) == 0


@settings(deadline=None)  # the SDK takes half a second to load
@given(secret=NOT_EMPTY, body=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_official_sdk_agrees(secret: str, body: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK stands on an interface that its own model library has deprecated
        from linebot.v3.webhook import SignatureValidator  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; and its warnings are off

    validator = SignatureValidator(secret)
    signature = sign(Secret(secret), body.encode()).decode()

    assert validator.validate(body, signature)
    assert not validator.validate(body + " ", signature)


@pytest.mark.parametrize(
    ("secrets", "position"), [("a", 0), ("ba", 1), ("bca", 2), ("aa", 0), ("b", None), ("", None)], ids=str
)
def test_the_secret_that_signed_is_told_by_its_position(secrets: str, position: int | None) -> None:
    assert signed_by(BODY, SIGNED, [Secret(each) for each in secrets]) == position


@pytest.mark.parametrize(
    "signature",
    ["", "é", "\udcff", "署名", SIGNED[:-1], SIGNED + " ", SIGNED.lower(), SIGNED.rstrip("="), "A" * 100_000],
    ids=lambda each: repr(each[:10]),
)
def test_another_signature_is_refused_whatever_its_characters(signature: str) -> None:
    assert signed_by(BODY, signature, [Secret("a")]) is None


@given(body=st.binary(min_size=1, max_size=200), place=st.integers(0, 199), bit=st.integers(0, 7))
def test_a_body_with_one_bit_changed_is_not_the_signed_one(body: bytes, place: int, bit: int) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit

    assert signed_by(bytes(changed), sign(Secret("a"), body).decode(), [Secret("a")]) is None
