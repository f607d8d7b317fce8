"""What is a member, and what is a segment's member?"""

from collections.abc import Callable
from typing import Final, NamedTuple

from td_line_connectors import validators
from td_line_connectors.schema.columns import Column, RowSchema

__all__ = ["MAX_TAGS", "Member", "SegmentMember", "member_schema", "segment_schema"]

MAX_TAGS: Final = 100
"""Tags that one row may carry."""


class Member(NamedTuple):
    """One row of a member import; None: not given, so MAAC keeps what it has."""

    line_uid: str | None
    line_display_name: str | None
    email: str | None
    mobile: str | None
    customer_id: str | None
    gender: str | None
    birthday: str | None
    tags: tuple[str, ...] | None


class SegmentMember(NamedTuple):
    """One row of a segment's list."""

    line_uid: str


LINE_UID_HELP: Final = (
    "The person's LINE user id at this account: `U` and 32 lower-case hexadecimal digits. Sent as is."
)


def member_schema(import_key: str | None, phone_region: str) -> RowSchema[Member]:
    """Declare the columns of a member import.

    Args:
        import_key: the column that every row must have; None: none (for the reference).
        phone_region: the ISO country whose local form mobile numbers may have.
    """

    def column(name: str, validate: Callable[[object], object], text: str, type_: str = "text") -> Column:
        return Column(name=name, validate=validate, help=text, type=type_, required=name == import_key)

    mobile_help = "A number that is valid in its country; the local form is read with `phone_region`. Sent as E.164."
    email_help = "An e-mail address with an ASCII local part. Sent with its domain in lower-case ASCII."
    return RowSchema(
        into=Member,
        columns=(
            column("line_uid", validators.line_uid, LINE_UID_HELP),
            column("line_display_name", validators.text(max_length=255), "The name on LINE, at most 255 characters."),
            column("email", validators.email, email_help),
            column("mobile", validators.mobile(phone_region), mobile_help),
            column("customer_id", validators.text(), "The person's id in your own system."),
            column(
                "gender",
                validators.one_of("male", "female", ignore_case=True),
                "`male` or `female`, in any case; MAAC predicts it where none is known.",
            ),
            column("birthday", validators.birthday, "A real day, written `YYYY-MM-DD`.", "date"),
            column(
                "tags",
                validators.tags,
                "Tags for this person, comma-separated or as a list: at most 100, each at most 255 characters. "
                "MAAC only adds tags, it never takes one away.",
                "comma-separated text",
            ),
        ),
    )


def segment_schema() -> RowSchema[SegmentMember]:
    """Declare the one column of a segment's list."""
    return RowSchema(
        into=SegmentMember,
        columns=(Column(name="line_uid", validate=validators.line_uid, help=LINE_UID_HELP, required=True),),
    )
