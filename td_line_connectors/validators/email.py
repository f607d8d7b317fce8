"""Is this an e-mail address?"""

import re
from functools import lru_cache

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators.text import text_of

__all__ = ["email"]

_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]"
_PLAIN = re.compile(rf"{_ATOM}++(?:\.{_ATOM}++)*+@([A-Za-z0-9.\-]++)")
"""A dot-atom (RFC 5322 3.2.3), `@` and an ASCII domain: the local part is valid, the domain is to be judged."""

_LONGEST = 254
"""Characters of an address (RFC 5321 4.5.3.1.3, as corrected by erratum 1690)."""

_CARRIERS = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp"})
_CARRIER_SUFFIX = ".vodafone.ne.jp"
"""Japanese carriers that gave out addresses with dots in a row, or before the `@`, until 2009. They still work."""


def email(value: object) -> str:
    """Validate an e-mail address as email-validator does: no DNS, ASCII before the `@`.

    Args:
        value: the raw value.

    Returns:
        The address, the part before the `@` as given, the domain in lower-case ASCII.

    Raises:
        InvalidValueError: `email`; the message says what stands in the way.
    """
    read = value if type(value) is str else text_of(value)
    plain = _PLAIN.fullmatch(read)
    if plain is not None and len(read) <= _LONGEST:
        given_domain = plain[1]
        domain = _plain_domain(given_domain)
        if domain == given_domain:
            return read
        if domain:
            return f"{read[: plain.start(1)]}{domain}"
    return _unusual(read)


@lru_cache(maxsize=4096)  # most members share a few domains
def _plain_domain(domain: str) -> str:
    """Give the domain in lower case, or nothing where only the whole address can be judged.

    The verdict on a domain does not depend on the local part, with one exception: Punycode labels, whose readable form
    counts for the address's length.
    """
    lower = domain.lower()
    return "" if "xn--" in lower else _domain_of(f"x@{lower}") or ""


def _domain_of(address: str) -> str | None:
    """Give an address's domain in lower-case ASCII, or None where the library refuses the address."""
    from email_validator import validate_email  # noqa: PLC0415 - the door: 35 ms, paid with the first address

    try:
        found = validate_email(
            address,
            allow_smtputf8=False,
            allow_empty_local=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            check_deliverability=False,
            test_environment=False,
            globally_deliverable=True,
        )
    except ValueError:  # the library's own error, and that of a character UTF-8 cannot carry
        return None
    return found.ascii_domain


def _unusual(read: str) -> str:
    """Judge an address as a whole."""
    if len(read) > _LONGEST:
        raise InvalidValueError("email", f"must be an e-mail address: it is longer than {_LONGEST} characters")
    local, _, domain = read.rpartition("@")
    ascii_domain = _domain_of(read) or _carrier_domain(local, domain)
    if ascii_domain is None:
        raise InvalidValueError("email", f"must be an e-mail address{_what_is_wrong(read, local)}")
    return f"{local}@{ascii_domain}"


def _carrier_domain(local: str, domain: str) -> str | None:
    """Give the domain of a carrier's address that has dots where no other address may."""
    single_dots = re.sub(r"\.+", ".", local).removesuffix(".")
    if single_dots == local:  # a dot at the beginning stays, and the library refuses it
        return None
    ascii_domain = _domain_of(f"{single_dots}@{domain}")
    if ascii_domain is None or not (ascii_domain in _CARRIERS or ascii_domain.endswith(_CARRIER_SUFFIX)):
        return None
    return ascii_domain


def _what_is_wrong(read: str, local: str) -> str:
    """Name the nearest cause. The library's sentences quote the address; these do not."""
    if "@" not in read:
        return ": it has a full-width @" if "＠" in read else ": it has no @"
    if any(character.isspace() for character in read):
        return ": it has white space"
    if not local.isascii():
        return ": it has characters before the @ that are not ASCII"
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return ": it has dots in a row, or at the beginning or end of the part before the @"
    return ", such as name@example.com, of a domain that can receive mail"
