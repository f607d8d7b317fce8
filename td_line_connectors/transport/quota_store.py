"""Where is an account's usage kept, and who may change it?"""

from dataclasses import dataclass, field
from typing import Protocol

from td_line_connectors.transport.quota import Usage

__all__ = ["AccountBook", "MemoryQuotaStore", "QuotaStore"]


class AccountBook(Protocol):
    """An account's usage, open to the one holder of its lease, who calls from one thread."""

    def read(self) -> Usage | None:
        """Give the usage as it was written last, empty where none was.

        Returns:
            None where something was written that cannot be read.

        Raises:
            StoreError: if the store cannot do it.
        """

    def write(self, usage: Usage, *, durable: bool = True) -> None:
        """Put `usage` in the place of what was written, whole or not at all.

        Args:
            usage: as it is from now on.
            durable: whether it must outlive a power cut; it outlives its process always.

        Raises:
            StoreError: if the store cannot do it, or the lease was lost; what was written before stands.
        """

    def close(self) -> None:
        """Let go of the lease. Safe to call twice."""


class QuotaStore(Protocol):
    """Keeps the usage of accounts, each behind a lease. Safe for threads, and for the processes that share it.

    The lease is the store's own affair. It lasts until its book is closed, however long that takes: a holder polls
    for half an hour and says nothing meanwhile. And it ends by itself when its holder is gone. Within one machine a
    lock of the operating system does both. A store for several machines would let leases expire, renew them itself
    while their books are open, and refuse every `write` under a lease that was lost.
    """

    def acquire(self, account: str, holder: str) -> AccountBook | str:
        """Take an account's lease, where it is free. Does not wait.

        Args:
            account: an opaque name, equal for equal accounts; any text.
            holder: who takes it, in words for people; no secret, no personal data.

        Returns:
            the account's book; else who has the lease, in the words that one gave, empty where they are not known.

        Raises:
            ConfigError: if the store cannot be used as it is set up.
            StoreError: if it cannot do it now.
        """


@dataclass(frozen=True, slots=True)
class MemoryQuotaStore:
    """Keeps usage within this process, and forgets it with it. Safe for threads.

    Its leases end with their books alone: a holder here closes its book, or ends together with the store.
    """

    _held: "dict[str, _MemoryBook]" = field(default_factory=dict, init=False, repr=False)
    _usages: dict[str, Usage] = field(default_factory=dict, init=False, repr=False)

    def acquire(self, account: str, holder: str) -> AccountBook | str:
        """See `QuotaStore.acquire`."""
        mine = _MemoryBook(account, holder, self._held, self._usages)
        found = self._held.setdefault(account, mine)  # one step for all threads
        return mine if found is mine else found.holder


@dataclass(frozen=True, slots=True, eq=False)
class _MemoryBook:
    account: str
    holder: str
    held: "dict[str, _MemoryBook]" = field(repr=False)
    usages: dict[str, Usage] = field(repr=False)

    def read(self) -> Usage:
        return self.usages.get(self.account, Usage())

    def write(self, usage: Usage, *, durable: bool = True) -> None:
        del durable  # nothing here is
        self.usages[self.account] = usage

    def close(self) -> None:
        if self.held.get(self.account) is self:
            del self.held[self.account]
