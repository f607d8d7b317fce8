import phonenumbers
import pytest
from hypothesis import example, settings
from hypothesis import given as forall
from hypothesis import strategies as st

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators import mobile

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
USUAL = ["TW", "JP", "TH", "US", "GB", "IT", "KR"]
TYPES = sorted(phonenumbers.PhoneNumberType.values())
WIDE = str.maketrans("0123456789+ ().-", "０１２３４５６７８９＋\u3000（）．－")


def naive(number: str, region: str) -> str | None:
    """The rule as the design states it, for a number of allowed characters."""
    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def ours(number: object, region: str) -> str | None:
    try:
        return mobile(region)(number)
    except InvalidValueError:
        return None


def message_of(number: object, region: str = "TW") -> str:
    with pytest.raises(InvalidValueError) as caught:
        mobile(region)(number)
    assert caught.value.code == "mobile"
    return caught.value.message


@pytest.mark.parametrize(
    ("region", "number", "expected"),
    [
        ("TW", "+886912345678", "+886912345678"),
        ("TW", "0912345678", "+886912345678"),
        ("TW", "0912-345-678", "+886912345678"),
        ("TW", "(09) 12.345.678", "+886912345678"),
        ("TW", "+886 (0)912 345 678", "+886912345678"),
        ("TW", "０９１２－３４５－６７８", "+886912345678"),
        ("TW", "＋８８６　９１２（３４５）６７８", "+886912345678"),
        ("TW", "002886912345678", "+886912345678"),
        ("TW", "02-2345-6789", "+886223456789"),
        ("TW", "+819012345678", "+819012345678"),
        ("TW", "+66 81 234 5678", "+66812345678"),
        ("TW", "+1 201 555 0123", "+12015550123"),
        ("TW", "+447400123456", "+447400123456"),
        ("tw", "0912345678", "+886912345678"),
        ("JP", "090-1234-5678", "+819012345678"),
        ("JP", "+886912345678", "+886912345678"),
        ("KR", "010-2000-0000", "+821020000000"),
        ("IT", "06 6982 0000", "+390669820000"),
    ],
    ids=ascii,
)
def test_a_number_is_given_in_e164(region: str, number: str, expected: str) -> None:
    assert mobile(region)(number) == expected


@pytest.mark.parametrize(
    ("region", "number"),
    [("TW", 886912345678), ("TW", 912345678), ("TW", 912345678.0), ("TW", "886912345678"), ("TW", "912345678")],
    ids=repr,
)
def test_a_number_that_lost_its_plus_or_zero_is_read_as_its_digits(region: str, number: object) -> None:
    assert mobile(region)(number) == "+886912345678"


@pytest.mark.parametrize(
    "number",
    [
        "0912345678 ext. 5",
        "0912345678#5",
        "0912345678,5",
        "tel:0912345678",
        "0912/345/678",
        "0800-FLOWER",
        "٠٩١٢٣٤٥٦٧٨",
        "0912‐345‐678",
        "0912\xa0345678",
        "0912\t345678",
        "0912345678\n",
        "\ufeff0912345678",
        "0912345678\0",
        "0912345678\u202c",
        "📱0912345678",
        "0912\ud83d345678",
    ],
    ids=ascii,
)
def test_any_other_character_is_refused(number: str) -> None:
    assert "digits, spaces and + ( ) - ." in message_of(number)


@pytest.mark.parametrize(
    "number", ["0", "123", "+", "-", "()", "0912", "09123456789", "+886", "+999912345678", "+0912345678"]
)
def test_what_is_no_number_of_any_country_is_refused_with_the_way_out(number: str) -> None:
    message = message_of(number)

    assert "TW" in message
    assert "+" in message
    assert number == "+" or number not in message


def test_a_local_number_of_another_country_is_refused() -> None:
    assert ours("090-1234-5678", "JP") is not None
    assert ours("080-1234-5678", "TW") is None


@pytest.mark.parametrize("number", [-912345678, -912345678.0], ids=repr)
def test_a_negative_number_is_no_phone_number(number: object) -> None:
    assert "negative" in message_of(number)


def test_a_text_longer_than_the_library_reads_is_refused() -> None:
    number = "09" + "-" * 250 + "12345678"

    assert naive(number, "TW") is None
    assert ours(number, "TW") is None


@pytest.mark.parametrize("region", REGIONS)
def test_every_countrys_own_example_numbers_agree_with_the_library(region: str) -> None:
    validator = mobile(region)
    for kind in TYPES:
        found = phonenumbers.example_number_for_type(region, kind)
        if found is None:
            continue
        for form in phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL:
            number = phonenumbers.format_number(found, form)
            if set(number) <= set("0123456789 +().-"):
                assert naive(number, region) is not None
                assert validator(number) == naive(number, region)


@pytest.mark.parametrize(
    ("region", "number"),
    [("ID", "62813163506"), ("DE", "491623955984"), ("CO", "03002191339"), ("JP", "00025678")],
    ids=[
        "local, though it begins as if a + were lost",
        "the same in DE",
        "a carrier code that swallows digits",
        "rewritten",
    ],
)
def test_a_misleading_beginning_is_judged_by_the_library(region: str, number: str) -> None:
    assert ours(number, region) == naive(number, region)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str]:
    """A number, valid or nearly so, written as people and programs write it, and a region to read it with."""
    region = draw(st.sampled_from(USUAL) | st.sampled_from(REGIONS))
    kind = draw(st.sampled_from([phonenumbers.PhoneNumberType.MOBILE, *TYPES]))
    found = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    assert found is not None
    national = list(phonenumbers.national_significant_number(found))
    for place, digit in draw(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("0123456789")), max_size=4)):
        national[place % len(national)] = digit
    national += draw(st.sampled_from(["", "", "", "0", "57"]))
    del national[len(national) - draw(st.sampled_from([0, 0, 0, 1])) :]

    code = str(found.country_code)
    before = draw(st.sampled_from(["", "+", "++", "00", "010", "002", "0" + code, "+" + code])) + draw(
        st.sampled_from(["", code])
    )
    trunk = draw(st.sampled_from(["", "", "0", "1", "00", "003768", "0003768", "000", "8", "86", "15", "179"]))
    number = before + trunk + "".join(national)
    for place, mark in draw(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(" ().-+")), max_size=4)):
        start = place % (len(number) + 1)
        number = number[:start] + mark + number[start:]
    if draw(st.booleans()):
        number = number.translate(WIDE)
    return number, draw(st.just(region) | st.sampled_from(USUAL))


@forall(numbers())
@example(("0002" + "56789", "JP"))
@example(("0037680" + "9012345678", "JP"))
@example(("8190" + "12345678", "JP"))
@example(("+81" + "81" + "9012345678", "JP"))
@example(("0" + "8" + "1" + "1020000000", "KR"))
@settings(max_examples=800, deadline=None)
def test_the_librarys_verdict_is_the_law(case: tuple[str, str]) -> None:
    number, region = case

    assert ours(number, region) == naive(number, region)


@forall(st.text("0123456789+- ０９＋", min_size=1, max_size=18), st.sampled_from(USUAL))
@settings(max_examples=500, deadline=None)
def test_random_digits_agree_with_the_library(number: str, region: str) -> None:
    assert ours(number, region) == naive(number, region)


@forall(st.integers(0, 10**14), st.sampled_from(USUAL))
@settings(max_examples=300, deadline=None)
def test_a_whole_number_is_judged_as_its_digits(number: int, region: str) -> None:
    assert ours(number, region) == naive(str(number), region)
