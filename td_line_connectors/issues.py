"""What is wrong with a value, and where."""

from dataclasses import dataclass

__all__ = ["InvalidValueError", "ValidationIssue"]


@dataclass(frozen=True, slots=True)
class ValidationIssue:
    """One thing that is wrong: the same shape for parameters, rows and refusals of the far side.

    Attributes:
        field: the parameter or column, dotted where it is nested (`result_settings.tags`).
        code: a word for programs: `required`, `choice`, `email` …
        message: a sentence for people. It never repeats the value.
        row: the row's number in the result, counted from 1; None where no row is meant.
        where: `file:line:column` where the value came from a file; None where it did not.
    """

    field: str
    code: str
    message: str
    row: int | None = None
    where: str | None = None

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.where, f"row {self.row}" if self.row else None) if part)
        named = place == self.field or place.startswith(f"{self.field}:")  # a file as a whole stands in its place
        return ": ".join(part for part in (place, "" if named else self.field, self.message) if part)


class InvalidValueError(ValueError):
    """A validator's answer to a value it cannot accept.

    Args:
        code: a word for programs, as in `ValidationIssue.code`.
        message: which rule the value breaks and how to mend it; never the value itself.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message
