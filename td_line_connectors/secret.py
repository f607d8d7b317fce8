"""A text that does not print."""

from typing import Final

__all__ = ["Secret"]

MASK: Final = "****"


class Secret:
    """A token, key or channel secret: prints, formats and represents as `****`.

    Compares with other secrets in constant time, and refuses to be pickled, so that it cannot leave the
    process inside an error or a report.

    Args:
        value: the text to guard.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the guarded text. Call it only where the text goes onto the wire."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        import hmac  # noqa: PLC0415 - only a host that compares secrets pays for the import

        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret does not leave its process: pass the settings, not the connector")
