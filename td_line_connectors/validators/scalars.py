"""Values of settings: switches, numbers, addresses."""

import math
import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from td_line_connectors.issues import InvalidValueError
from td_line_connectors.validators.mobile import is_phone_region
from td_line_connectors.validators.text import text_of

__all__ = ["boolean", "country", "integer", "seconds", "url"]

_SWITCHES = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>(?:/[!-\[\]-~]*)?)",
    re.IGNORECASE | re.ASCII,
)
"""Narrower than `urllib.parse`, which drops line ends and takes text behind an address's bracket for a host's."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE | re.ASCII)
_DAY = 86_400.0


def boolean(value: object) -> bool:
    """Validate a switch.

    Args:
        value: True or False, or the text `true` or `false`; no other spelling.

    Returns:
        The switch.

    Raises:
        InvalidValueError: `boolean`.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _SWITCHES:
        return _SWITCHES[value]
    raise InvalidValueError("boolean", "must be true or false, in lower case; yes, no, on, off, 1 and 0 are not read")


def integer(minimum: int, maximum: int | None = None) -> Callable[[object], int]:
    """Make a validator of whole numbers.

    Args:
        minimum: the least number allowed.
        maximum: the greatest number allowed; None for no limit but 18 digits.

    Returns:
        A validator of numbers, and of text that is plain decimal digits.
    """
    message = f"must be a whole number {_range(minimum, maximum)}"

    def validate(value: object) -> int:
        read = text_of(value)
        number = int(read) if _INTEGER.fullmatch(read) else None
        if number is None or number < minimum or (maximum is not None and number > maximum):
            raise InvalidValueError("integer", message)
        return number

    return validate


def seconds(minimum: float = 0.0, maximum: float = _DAY) -> Callable[[object], float]:
    """Make a validator of spans of time.

    Args:
        minimum: the shortest span allowed, in seconds.
        maximum: the longest span allowed, in seconds; a day unless told.

    Returns:
        A validator of numbers, and of text that is a plain decimal number; it gives seconds.
    """
    message = f"must be a number of seconds {_range(minimum, maximum)}, without a unit"

    def validate(value: object) -> float:
        if isinstance(value, float):
            number = float(value)  # numpy's is a float of its own
        else:
            read = text_of(value)
            number = float(read) if _DECIMAL.fullmatch(read) else math.nan
        if not minimum <= number <= maximum:  # NaN is never in a range
            raise InvalidValueError("seconds", message)
        return number

    return validate


def _range(minimum: float, maximum: float | None) -> str:
    return f"of {minimum:g} or more" if maximum is None else f"from {minimum:g} to {maximum:g}"


def url(value: object) -> str:
    """Validate an endpoint, to which a token may be sent.

    Args:
        value: an https URL, or an http URL of this machine (`localhost`, `127.0.0.0/8`, `[::1]`).

    Returns:
        The URL, scheme and host in lower case, without a slash at the end.

    Raises:
        InvalidValueError: `url`; the message says which rule is broken.
    """
    read = text_of(value)
    if "?" in read or "#" in read:
        raise InvalidValueError("url", "must have neither a query (?) nor a fragment (#)")
    if "@" in read.partition("://")[2].partition("/")[0]:
        raise InvalidValueError("url", "must have no user name and no password; the token has its own parameter")
    parts = _URL.fullmatch(read)
    if parts is None or not _is_host(parts["host"]) or int(parts["port"] or 443) > 65_535:
        raise InvalidValueError(
            "url", "must be a URL such as https://api.example.com, in ASCII characters without spaces"
        )
    scheme, host = parts["scheme"].lower(), parts["host"].lower()
    if scheme != "https" and not _is_loopback(host):
        raise InvalidValueError("url", "must begin with https://; http:// is for this machine's own addresses alone")
    port = f":{parts['port']}" if parts["port"] else ""
    return f"{scheme}://{host}{port}{parts['path']}".rstrip("/")


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _address(host) is not None
    return len(host) <= 253 and _HOST_NAME.fullmatch(host) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if isinstance(address, IPv4Address):
        return address.is_loopback
    return host == "localhost" or address == IPv6Address("::1")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return IPv6Address(host[1:-1]) if host.startswith("[") else IPv4Address(host)
    except ValueError:
        return None


def country(value: object) -> str:
    """Validate a country whose phone numbers can be read.

    Args:
        value: its ISO 3166 code of two letters, in any case.

    Returns:
        The code in upper case.

    Raises:
        InvalidValueError: `country`, or `boolean` where a YAML reader took `NO` for a boolean.
    """
    read = text_of(value)
    code = read.upper()
    if not _COUNTRY.fullmatch(read) or not is_phone_region(code):
        raise InvalidValueError("country", "must be a country's ISO 3166 code of two letters, such as TW or JP")
    return code
