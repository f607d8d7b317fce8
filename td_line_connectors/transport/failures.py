"""How did the line break?"""

import ssl
from collections.abc import Iterator

__all__ = ["causes", "how_it_broke", "root_cause"]

SYSTEM_MODULES = frozenset({"builtins", "socket", "ssl", "http.client"})


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and the errors it was made of, outermost first.

    `__context__` is left out: it may be an older failure that a caller was handling when this one came.
    """
    yield error
    for each in (*error.args, getattr(error, "reason", None), error.__cause__):
        if isinstance(each, BaseException):
            yield from causes(each)


def root_cause(error: BaseException) -> OSError | None:
    """Give the system's own error at the bottom, bare; None where there is none.

    An HTTP library's error holds the whole request, its token and its rows, and so do the frames of its traceback.
    The system's error, without a traceback, holds a number and a sentence.
    """
    system = [each for each in causes(error) if isinstance(each, OSError) and type(each).__module__ in SYSTEM_MODULES]
    if not system:
        return None
    bare = system[-1].with_traceback(None)
    bare.__cause__ = bare.__context__ = None
    return bare


def how_it_broke(error: BaseException, timeout: float) -> str:
    """Say how a line broke on which the request may have gone out.

    Args:
        error: what the HTTP library raised.
        timeout: seconds that the whole answer had.
    """
    for each in causes(error):
        if isinstance(each, TimeoutError):
            return f"the answer was not whole within {timeout:g} s"
        if isinstance(each, ssl.SSLError):
            return "the encrypted line broke: check the endpoint and REQUESTS_CA_BUNDLE"
    return "the line broke before the answer was whole"
