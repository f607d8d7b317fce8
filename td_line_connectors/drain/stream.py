"""How is one table handed over, row after row?"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from td_line_connectors.drain.parcel import Parcel, packed
from td_line_connectors.drain.queue import Queue, Seal, State
from td_line_connectors.errors import RefusedError
from td_line_connectors.treasure_data.records import RecordFault
from td_line_connectors.treasure_data.writing import Writer

__all__ = ["Stream", "Tally"]

LOG: Final = logging.getLogger(__name__)

BLAMES_ROWS: Final = frozenset({400, 413, 422})
"""Statuses by which a request is refused for what is in it, and not for who sends it whereto."""

MOST_BLAMED: Final = 20
"""Rows that are set aside one after the other because each was refused as a whole request. Where not one of so many is
taken, it is not the rows: then nothing more is set aside until one is."""

ALL: Final = 2**62


@dataclass(slots=True)
class Tally:
    """What was done.

    Attributes:
        handed_over: rows that are at Treasure Data.
        rejected: rows that were set aside.
    """

    handed_over: int = 0
    rejected: int = 0


class Stream:
    """Hands one table over, in its order, one request after the other. For one thread at a time.

    A request that is refused for what is in it is sent again by halves, until the row is found that it was refused
    for; that one is set aside, and its neighbours go on.

    Args:
        name: of the source and the table, for the log.
        queue: the table.
        writer: writes to Treasure Data.
        now: the wall clock, in seconds since 1970.
        new_id: gives an id that is used for nothing else.
        patience: seconds for which few rows wait for further ones; None: as the writer has it.
    """

    def __init__(
        self,
        name: str,
        queue: Queue,
        writer: Writer,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        patience: float | None = None,
    ) -> None:
        self.name = name
        self.queue = queue
        self.tally = Tally()
        self._writer = writer
        self._now = now
        self._new_id = new_id
        self._patience = writer.patience if patience is None else patience
        self._suspects = 0
        self._blamed = 0
        self._unsettled: tuple[Parcel, Sequence[RecordFault | None]] | None = None

    def turn(self) -> bool:
        """Send one request, if there are rows for it.

        Returns:
            whether there were.

        Raises:
            RefusedError: Treasure Data takes nothing from this connection into this table.
            TransientError: the writer's patience has ended.
            ConfigError: the connection cannot be used.
            StoreError: the disk could not do it.
        """
        if self._unsettled is None:
            state = self.queue.state()
            parcel = self._sealed(state, state.seal) if state.seal else self._next(state)
            if parcel is None:
                return False
            self._unsettled = self._sent(parcel, state)
        if self._unsettled is not None:  # a disk that cannot do it now must not have the rows sent again
            if not self.queue.is_replaced():  # else they are no rows of that file
                self._settle(*self._unsettled)
            self._unsettled = None
        return True

    def close(self) -> None:
        """Let go of the file and the lines. Safe to call twice."""
        self.queue.close()
        self._writer.close()

    def _sealed(self, state: State, seal: Seal) -> Parcel:
        """Take the rows that were under way when we were interrupted, all of them and no others."""
        everything = replace(self._writer.limits, records=ALL, bytes=ALL)
        parcel = packed(self.queue.rows(state.through, seal.last), self._writer, everything)
        parcel.last = seal.last
        return parcel

    def _next(self, state: State) -> Parcel | None:
        """Take the next rows; None if there are none, or so few that they wait for others."""
        limits = self._writer.limits
        if self._suspects:
            limits = replace(limits, records=max(1, self._suspects // 2))
        parcel = packed(self.queue.rows(state.through), self._writer, limits)
        if not parcel.last or not (self._suspects or parcel.full or self._are_due(parcel)):
            return None
        return parcel

    def _are_due(self, parcel: Parcel) -> bool:
        age = self._now() - parcel.oldest if isinstance(parcel.oldest, int) else -1
        is_young = 0 <= age < self._patience  # a clock that was set back makes rows come from the future
        return not is_young or len(parcel.records) >= self._writer.limits.records

    def _sent(self, parcel: Parcel, state: State) -> tuple[Parcel, Sequence[RecordFault | None]] | None:
        """Send the rows, and give what became of them; None if they are to be read and sent again, maybe by halves."""
        if not parcel.records:
            return parcel, []
        seal = state.seal
        if self._writer.once and seal is None:
            seal = Seal(parcel.last, self._new_id())
            if not self.queue.seal(seal, state.edits):
                return None
        try:
            return parcel, self._writer.send(seal.unique_id if seal else "", parcel.records)
        except RefusedError as error:
            if error.status not in BLAMES_ROWS:
                raise
            if seal is not None:
                self.queue.unseal()
            if len(parcel.records) > 1:
                self._suspects = len(parcel.records)
                return None
            if self._blamed >= MOST_BLAMED:
                raise
            self._blamed += 1
            return parcel, [RecordFault(f"status {error.status}", "Treasure Data refused the row, sent alone")]

    def _settle(self, parcel: Parcel, faults: Sequence[RecordFault | None]) -> None:
        rejects = parcel.faults(faults)
        self.queue.settle(parcel.last, rejects, int(self._now()))
        self._suspects = 0 if rejects else max(0, self._suspects - len(parcel.records))
        taken = len(parcel.numbers) + len(parcel.rejects) - len(rejects)
        self._blamed = 0 if taken else self._blamed
        self.tally.handed_over += taken
        self.tally.rejected += len(rejects)
        if rejects:
            reasons = ", ".join(f"{name}: {count}" for name, count in Counter(_names(rejects)).items())
            LOG.warning("%s: rows set aside, as `source rejects` shows them: %s", self.name, reasons)


def _names(rejects: Mapping[int, RecordFault]) -> Iterable[str]:
    return (fault.name for fault in rejects.values())
