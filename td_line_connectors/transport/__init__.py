"""How do we talk to a far side that fails?

retry        try again, politely                    the door of tenacity
http         one HTTP layer for every connector     tried again where that is safe
exchange     one request, one answer                the door of requests
answers      what an HTTP answer means              statuses to errors
deadline     an answer must be whole in time        under http
quota        how many calls a window holds          the rule, as values
quota_store  where an account's usage is kept       a lease, and what it guards
leases       who may call now, and when             lease and window, waited for

What connectors and hosts need of it are the names below; they are looked up on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from td_line_connectors.transport.answers import Json, UnexpectedAnswerError
    from td_line_connectors.transport.http import HttpClient, UploadedFile
    from td_line_connectors.transport.quota import Usage
    from td_line_connectors.transport.quota_store import AccountBook, MemoryQuotaStore, QuotaStore
    from td_line_connectors.transport.retry import OnWait, RetryPolicy

__all__ = [
    "AccountBook",
    "HttpClient",
    "Json",
    "MemoryQuotaStore",
    "OnWait",
    "QuotaStore",
    "RetryPolicy",
    "UnexpectedAnswerError",
    "UploadedFile",
    "Usage",
]

_HOMES = {
    "AccountBook": "quota_store",
    "HttpClient": "http",
    "Json": "answers",
    "MemoryQuotaStore": "quota_store",
    "OnWait": "retry",
    "QuotaStore": "quota_store",
    "RetryPolicy": "retry",
    "UnexpectedAnswerError": "answers",
    "UploadedFile": "http",
    "Usage": "quota",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
