"""What MAAC knows of one account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf
from threading import RLock
from typing import Any

from td_line_connectors.testing.emulation.faults import FaultKind, WireFault
from td_line_connectors.testing.emulation.violations import Violation
from td_line_connectors.testing.maac.faults import Fault
from td_line_connectors.testing.maac.judging import judge
from td_line_connectors.testing.maac.members import ImportCounts, MemberBook
from td_line_connectors.testing.maac.regions import REGIONS, Region
from td_line_connectors.testing.maac.segments import ORDINARY, Segment, SegmentBook
from td_line_connectors.testing.maac.tasks import WINDOW_SECONDS, ImportDesk, ImportTask
from td_line_connectors.testing.maac.tempo import Tempo

__all__ = ["Account", "ImportResult"]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one import.

    Attributes:
        document: the published `result`, without its times and its link.
        mismatched: the keys of those it could not reach.
    """

    document: dict[str, Any]
    mismatched: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Account:
    """One account: its rules, which a test may change at any time, and its state. No I/O; thread-safe.

    Attributes:
        token: opens it; not shown.
        tempo: the emulator's clock and durations.
        region: `tw` or `jp`.
        blocked: the keys (of any kind) of people who have blocked the account.
        friends: the keys of the account's friends; None: everybody.
        refuse_mobiles: numbers in E.164 that MAAC refuses though their shape is right.
        forbidden: answer every call with 403.
        segment_limit: how many segments it may have.
    """

    token: str = field(repr=False)
    tempo: Tempo = field(default_factory=Tempo, repr=False)
    region: str = "tw"
    blocked: set[str] = field(default_factory=set, repr=False)
    friends: set[str] | None = field(default=None, repr=False)
    refuse_mobiles: set[str] = field(default_factory=set, repr=False)
    forbidden: bool = False
    segment_limit: int = 30
    desk: ImportDesk = field(init=False, repr=False)
    lock: RLock = field(default_factory=RLock, init=False, repr=False)
    segment_book: SegmentBook = field(default_factory=SegmentBook, init=False, repr=False)
    _members: MemberBook = field(default_factory=MemberBook, init=False, repr=False)
    _tags: dict[str, None] = field(default_factory=dict, init=False, repr=False)
    _task_ids: "count[int]" = field(default_factory=lambda: count(1000), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.region not in REGIONS:
            raise ValueError(f"region: one of {', '.join(REGIONS)}")
        self.desk = ImportDesk(self.tempo.scaled(WINDOW_SECONDS))

    @property
    def rules(self) -> Region:
        """What the account's region settles."""
        return REGIONS[self.region]

    @property
    def members(self) -> list[dict[str, Any]]:
        """Copies of all members, oldest first: their values, and `tags`."""
        with self.lock:
            return self._members.all()

    def member(self, **key: str) -> dict[str, Any] | None:
        """Give a copy of one member, by one import key: `account.member(line_uid=…)`."""
        ((import_key, value),) = key.items()
        with self.lock:
            return self._members.find(import_key, value)

    @property
    def tags(self) -> list[str]:
        """Every tag that any member has, oldest first."""
        with self.lock:
            return list(self._tags)

    @property
    def segments(self) -> list[Segment]:
        """All segments, by number."""
        with self.lock:
            return self.segment_book.all()

    @property
    def imports(self) -> list[ImportTask]:
        """The imports that were accepted, oldest first."""
        return self.desk.tasks

    @property
    def violations(self) -> list[Violation]:
        """The limits that callers did not keep, oldest first."""
        return self.desk.violations

    def is_friend(self, *identities: str | None) -> bool:
        """Tell whether the account reaches the person who has these keys; None is no key."""
        if not self.blocked.isdisjoint(identities):
            return False
        return self.friends is None or not self.friends.isdisjoint(identities)

    def import_members(self, import_key: str, data: Iterable[Mapping[str, Any]], tags: Sequence[str]) -> ImportResult:
        """Judge an import, and if nothing is wrong with it, carry it out. All rows or none.

        Args:
            import_key: the column by which members are recognised.
            data: the rows, as JSON values by column.
            tags: for every row.

        Raises:
            RequestRefusedError: 400, a value's type is not one the field can have.
        """
        with self.lock:
            verdict = judge(data, import_key, self.rules, self.refuse_mobiles)
            if refusal := verdict.refusal():
                return ImportResult(refusal)
            counts = self._members.write(verdict.records, import_key, tags, self.is_friend)
            for record in verdict.records:
                self._tags.update(dict.fromkeys(record.get("tags", ())))
            self._tags.update(dict.fromkeys(tags))
        return ImportResult(_document(counts, tags), tuple(counts.mismatched))

    def start_import(
        self, import_key: str, data: Sequence[Mapping[str, Any]], tags: Sequence[str], fault: WireFault | None
    ) -> ImportTask:
        """Carry an import out and open the task that will tell of it.

        The rows take effect at once; the task keeps the result back until it is done, so that every run of a test
        sees the same.

        Args:
            import_key: the column by which members are recognised.
            data: the rows, as JSON values by column.
            tags: for every row.
            fault: what befalls the import; None: nothing.
        """
        now = self.tempo.now()
        result = self.import_members(import_key, data, tags)
        seconds: float = self.tempo.task_seconds
        document = result.document
        if fault and fault.kind is FaultKind.STUCK:
            seconds = inf if fault.seconds is None else fault.seconds
        if isinstance(fault, Fault) and fault.kind is FaultKind.WRONG_COUNTS and document["success"]:
            largest = max(("created_num", "updated_num", "mismatch_num"), key=document.__getitem__)
            document = {**document, largest: max(0, document[largest] + fault.off_by)}
        done_at = now + self.tempo.scaled(seconds)
        task = ImportTask(next(self._task_ids), import_key, len(data), document, result.mismatched, now, done_at)
        self.desk.accept(task)
        return task

    def add_segment(
        self, name: str, uids: Iterable[str] = (), *, description: str = "", segment_type: int = ORDINARY
    ) -> Segment:
        """Put a segment there that is ready, past the limit if need be.

        Args:
            name: of the segment.
            uids: the people in it.
            description: MAAC's description of it.
            segment_type: 2 for a custom list, 1 for an ordinary segment.
        """
        with self.lock:
            return self.segment_book.add(
                name, list(uids), description=description, segment_type=segment_type, ready_at=self.tempo.now()
            )


def _document(counts: ImportCounts, tags: Sequence[str]) -> dict[str, Any]:
    return {
        "success": True,
        "tags": list(tags),
        "total_num": counts.created + counts.updated + len(counts.mismatched),
        "created_num": counts.created,
        "updated_num": counts.updated,
        "mismatch_num": len(counts.mismatched),
    }
