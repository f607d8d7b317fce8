"""Who is to be told that a run has ended?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from td_line_connectors import validators
from td_line_connectors.errors import ConfigError
from td_line_connectors.issues import InvalidValueError, ValidationIssue
from td_line_connectors.project.expansion import raw_value
from td_line_connectors.schema.parameters import nearest
from td_line_connectors.secret import Secret
from td_line_connectors.settings.node import Node
from td_line_connectors.settings.secrets import Secrets

__all__ = ["Address", "Notification", "read_notification"]

KEYS: Final = ("on", "command", "url", "headers")
OCCASIONS: Final = ("error", "always")
HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A field name (RFC 9110 §5.1)."""

OURS: Final = frozenset({"content-length", "content-type", "host", "transfer-encoding"})
HEADER_VALUE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
QUERY: Final = re.compile(r"[!-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a report is posted, secrets and all.

    Attributes:
        url: the whole of it; many a service has its key in there.
        headers: further headers, by name.
    """

    url: Secret
    headers: Mapping[str, Secret]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What `notify:` says.

    Attributes:
        always: whether after every run; else after one that did not end with exit code 0.
        command: a program and its arguments; none: no program.
        url: an address as written, `${secret:key}` unexpanded; None: no address.
        headers: further headers for it, likewise.
    """

    always: bool = False
    command: tuple[str, ...] = ()
    url: Node | None = field(default=None, repr=False)
    headers: Mapping[str, Node] = field(default_factory=dict, repr=False)

    def address(self, secrets: Secrets) -> Address | None:
        """Give the address with its secrets; None where there is none.

        Raises:
            ConfigError: if a secret is missing, or what it makes is no address or no header.
        """
        if self.url is None:
            return None
        issues: list[ValidationIssue] = []
        url = _expanded(self.url, secrets, issues, _url)
        headers = {name: _expanded(node, secrets, issues, _header) for name, node in self.headers.items()}
        if issues:
            raise ConfigError(issues)
        return Address(url, headers)


def read_notification(node: Node | None, issues: list[ValidationIssue]) -> Notification | None:
    """Read `notify:`; what is wrong with it goes to `issues`. Secrets are not looked up yet."""
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, Mapping):
        issues.append(node.issue("type", f"must be a mapping with the keys {', '.join(KEYS)}"))
        return None
    for key, child in node.items.items():
        if key not in KEYS:
            issues.append(child.key_issue("unknown", f"is no key here.{nearest(key, KEYS)} Known: {', '.join(KEYS)}."))
    command, url = node.items.get("command"), node.items.get("url")
    if not (command and command.value) and not (url and url.value):
        issues.append(node.key_issue("required", "needs `command:`, a list of a program and its arguments, or `url:`"))
    headers = _headers(node.items.get("headers"), issues)
    if headers and url is None:
        issues.append(node.items["headers"].key_issue("not_applicable", "has no effect without `url:`"))
    return Notification(
        always=_occasion(node.items.get("on"), issues) == "always",
        command=_command(command, issues),
        url=url if url and _is_text(url, "must be an address such as https://hooks.example.com/…", issues) else None,
        headers=headers,
    )


def _occasion(node: Node | None, issues: list[ValidationIssue]) -> str:
    if node is None or node.value is None:
        return OCCASIONS[0]
    if node.value not in OCCASIONS:
        issues.append(node.issue("choice", f"must be one of {', '.join(OCCASIONS)}"))
    return str(node.plain)


def _command(node: Node | None, issues: list[ValidationIssue]) -> tuple[str, ...]:
    if node is None or node.value is None:
        return ()
    words = [each.value for each in node.children]
    if not isinstance(node.value, tuple) or not all(isinstance(each, str) and each for each in words):
        message = "must be a list of texts, such as [mail-report, --to, ops]: it is run without a shell"
        issues.append(node.issue("type", message))
        return ()
    if any("${" in str(each) for each in words):
        message = "cannot hold `${…}`: everybody on this machine can list a program's arguments"
        issues.append(node.issue("template", message))
    return tuple(map(str, words))


def _headers(node: Node | None, issues: list[ValidationIssue]) -> Mapping[str, Node]:
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, Mapping):
        issues.append(node.issue("type", "must be a mapping of header names to texts"))
        return {}
    for name, child in node.items.items():
        if not HEADER.fullmatch(name) or name.lower() in OURS:
            issues.append(child.key_issue("header", "is no header that can be given here"))
        _is_text(child, "must be a text", issues)
    return node.items


def _is_text(node: Node, rule: str, issues: list[ValidationIssue]) -> bool:
    """Say whether a node is a text; where it is something else, or nothing, that is an issue."""
    if isinstance(node.value, str) and node.value.strip():
        return True
    issues.append(node.key_issue("required", node.blank) if node.value is None else node.issue("type", rule))
    return False


def _expanded(node: Node, secrets: Secrets, issues: list[ValidationIssue], check: Callable[[str], None]) -> Secret:
    """Put the secrets into a text, and look whether it serves; no issue repeats it."""
    found: list[ValidationIssue] = []
    value = raw_value(node, secrets, found, secret=True)
    text = value if isinstance(value, Secret) else Secret("")
    if not found:
        try:
            check(text.reveal())
        except InvalidValueError as error:
            found.append(node.issue(error.code, error.message))
    issues.extend(found)
    return text


def _url(text: str) -> None:
    address, _, query = text.partition("?")
    validators.url(address)
    if not QUERY.fullmatch(query) or "#" in query:
        raise InvalidValueError("url", "must have a query of ASCII characters without spaces, and no fragment (#)")


def _header(text: str) -> None:
    if not HEADER_VALUE.fullmatch(text):
        raise InvalidValueError("header", "must be printable ASCII, with no white space at either end")
