"""Is there a value at all?"""

__all__ = ["given"]


def given(value: object) -> object | None:
    """Give the value to validate, or None where a row holds nothing.

    Nothing is: None, blank text, NaN, NaT, pandas.NA, a list or tuple without items.

    Args:
        value: a raw value, as the query's driver gave it.

    Returns:
        Text without white space around it; any other value as it is; None for nothing.
    """
    if type(value) is str:  # eight times a row: the exact type is the quickest question
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, str):
        return str.strip(value) or None
    if isinstance(value, (list, tuple)):
        return value or None
    return None if _is_missing(value) else value


def _is_missing(value: object) -> bool:
    """Say whether a scalar is its library's word for «nothing».

    NaN and NaT differ from themselves; pandas.NA and a signalling NaN refuse to be compared. A value that has a length
    is a collection, never a missing scalar: an array's comparison is an array, and the array must not be lost for that.
    """
    if hasattr(type(value), "__len__"):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124 - the definition of NaN
    except (TypeError, ValueError, ArithmeticError):
        return True
