"""Is this a phone number, and which one?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators.text import text_of

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

__all__ = ["is_phone_region", "mobile"]

_ALLOWED = re.compile(r"[0-9 +().\-０-９　＋（）．－]+")
_COMPACT = str.maketrans("０１２３４５６７８９＋", "0123456789+", " ().-　（）．－")
_LONGEST = 250
"""Characters the library reads at most."""

_LONGEST_NATIONAL = 17
"""Digits of a national number at most, for the library."""

_NEVER = "(?!)"


def mobile(phone_region: str) -> Callable[[object], str]:
    """Make a validator of phone numbers, as phonenumbers judges them: valid for their country.

    Args:
        phone_region: the country whose local numbers are read without `+`, as `country` gives it.

    Returns:
        A validator that gives the number in E.164. Digits, spaces, `+ ( ) - .` and their full-width forms are allowed.
        A whole number, which may have lost its `+` or its leading zero, is read as its digits.
    """
    region = phone_region.upper()

    def validate(value: object) -> str:
        read = value if type(value) is str else _digits_of(value)
        if len(read) <= _LONGEST:
            # Most numbers have no other punctuation than this, and to replace is quicker than to translate.
            number = _usual(read.replace("-", "").replace(" ", ""), region) or _usual(read.translate(_COMPACT), region)
            if number is not None:
                return number
        return _asked(read, region)

    return validate


def is_phone_region(code: str) -> bool:
    """Say whether numbers of this country (ISO 3166, upper case) can be read."""
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415 - the door: 30 ms, paid with the first question

    return code in SUPPORTED_REGIONS


def _digits_of(value: object) -> str:
    digits = text_of(value)
    if digits.startswith("-"):  # in text it would be punctuation
        raise InvalidValueError("mobile", "must be a phone number: it is a negative number")
    return digits


def _asked(read: str, region: str) -> str:
    """Judge a number by the library."""
    if not _ALLOWED.fullmatch(read):
        raise InvalidValueError("mobile", "must be a phone number: digits, spaces and + ( ) - . alone")
    import phonenumbers  # noqa: PLC0415 - the door: 30 ms, paid with the first number

    try:
        number = phonenumbers.parse(read, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        message = f"must be a valid phone number: of {region}, or with + and the calling code of its country"
        raise InvalidValueError("mobile", message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A country's usual mobile numbers, as one regular expression.

    Attributes:
        match: finds `national` in a whole number of digits, with or without a `+` before them.
        plus: `+` and the country's calling code.
    """

    match: Callable[[str], re.Match[str] | None]
    plus: str


def _usual(read: str, region: str) -> str | None:
    """Give a usual number, rid of its punctuation, in E.164; None where the library must be asked.

    This takes about 0.6 µs, the library 25 to 55.
    """
    plan = _plan_of_code(read[1:4]) if read[:1] == "+" else _plan_of(region)
    if plan is None:
        return None
    found = plan.match(read)
    return None if found is None else plan.plus + found["national"]


@lru_cache(maxsize=1024)
def _plan_of_code(leading: str) -> _Plan | None:
    """Find the plan for the first three digits behind a `+`. No calling code begins with another one."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - the door

    if not (leading.isascii() and leading.isdigit()):
        return None
    codes = (int(leading[:length]) for length in (1, 2, 3))
    return next(
        (_plan_of(COUNTRY_CODE_TO_REGION_CODE[code][0]) for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), None
    )


@cache
def _plan_of(region: str) -> _Plan | None:
    """Derive a country's plan from the library's own metadata; None where this cannot be done with certainty.

    A calling code that countries share (`+1`, `+7`, `+44` …) is left to the library.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata  # noqa: PLC0415 - the door

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.country_code is None or metadata.same_mobile_and_fixed_line_pattern:
        return None
    if COUNTRY_CODE_TO_REGION_CODE.get(metadata.country_code) != (region,):
        return None
    pattern = _pattern(metadata)
    if pattern is None:
        return None
    return _Plan(re.compile(pattern, re.ASCII).fullmatch, f"+{metadata.country_code}")


def _pattern(metadata: "PhoneMetadata") -> str | None:
    """Write what `parse` and `is_valid_number` do with a mobile number as one regular expression.

    Each part is at least as strict as the library's step of the same name, so that what matches is valid and has this
    national number; what does not match may still be either.
    """
    general, numbers = metadata.general_desc, metadata.mobile
    if not general or not numbers or not general.national_number_pattern or not numbers.national_number_pattern:
        return None
    lengths = set(numbers.possible_length or general.possible_length) & set(general.possible_length)
    lengths -= set(general.possible_length_local_only)
    any_length = "|".join(rf"\d{{{length}}}" for length in sorted(lengths) if 1 < length <= _LONGEST_NATIONAL)
    if not any_length:
        return None
    code, whole = metadata.country_code, rf"(?:{general.national_number_pattern})\Z"
    abroad = metadata.international_prefix or _NEVER
    trunk = metadata.national_prefix_for_parsing or _NEVER

    # With +; or local, neither dialled abroad nor beginning as if a + were lost; or with a lost +, and so not local.
    start = rf"(?:\+{code}|(?!{abroad})(?:(?!{code})|(?!{whole}){code}))"
    # The library takes the prefix's first match and never reconsiders (hence atomic); it rewrites the number where the
    # prefix's last group took part.
    prefix = rf"(?>(?:{trunk})?)"
    rewritten = rf"(?({re.compile(start + prefix).groups}){_NEVER})" if metadata.national_prefix_transform_rule else ""
    national = rf"(?!{trunk}|0)(?=(?:{any_length})\Z)(?={whole})(?P<national>{numbers.national_number_pattern})"
    return start + prefix + rewritten + national
