"""What is sealed is there as it was written; what is not sealed is worth nothing."""

from contextlib import closing
from pathlib import Path

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.runs.sealing import SnapshotWriter
from td_line_connectors.runs.snapshot import SetAside, Snapshot

TOO_LARGE = [ValidationIssue("row", "too_large", "is too large", 2)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "snapshot.sqlite"


def seal(path: Path, *, sendable: bool = True) -> None:
    """Seal two requests; rows 3 and 6 are folded into row 1, row 5 into row 4."""
    with SnapshotWriter.open(path) as writer:
        writer.fold(3, into=1)
        writer.add_request(b"one", '[["a"],["b"]]', [1, 2])
        writer.fold(5, into=4)
        writer.add_request(b"two", '[["c"]]', [4])
        writer.fold(6, into=1)
        writer.seal({"read": 6, "warnings": ["careful"]}, sendable=sendable)


def test_requests_records_and_rows_are_there_as_they_were_written(path: Path) -> None:
    seal(path)

    with closing(Snapshot.open(path)) as snapshot:
        assert (snapshot.requests(), snapshot.rows_read(), snapshot.warnings()) == (2, 6, ["careful"])
        assert (snapshot.body(1), snapshot.body(2)) == (b"one", b"two")
        assert snapshot.record_values(1, 1, 2) == [["b"]]
        assert list(snapshot.rows_behind(1, 0, 2)) == [(1, 1), (1, 3), (1, 6), (2, 2)]
        assert [snapshot.count_rows_behind(1, 0, 1), snapshot.count_rows_behind(1, 1, 2)] == [3, 1]
        assert list(snapshot.rows_behind(2, 0, 1)) == [(4, 4), (4, 5)]


def test_a_refused_record_takes_the_rows_folded_into_it_along(path: Path) -> None:
    with SnapshotWriter.open(path) as writer:
        writer.fold(3, into=2)
        refused = writer.set_aside_record(SetAside(2, TOO_LARGE, {"id": "a"}))
        writer.seal({"read": 3, "warnings": []})

    with closing(Snapshot.open(path)) as snapshot:
        assert refused == snapshot.invalid_rows() == 2
        assert [(each.row, each.issues[0].row, each.record) for each in snapshot.invalid()] == [
            (2, 2, {"id": "a"}),
            (3, 3, {"id": "a"}),
        ]


def test_what_was_not_sealed_is_gone(path: Path) -> None:
    with SnapshotWriter.open(path) as writer:
        writer.add_request(b"one", '[["a"]]', [1])

    assert list(path.parent.iterdir()) == []


def test_a_run_killed_before_the_seal_is_told_from_one_that_has_ended(path: Path) -> None:
    with pytest.raises(StoreError, match="every row is settled"):
        Snapshot.open(path)
    path.with_suffix(".unsealed").write_bytes(b"killed while this was written")
    with pytest.raises(StoreError, match="nothing was sent: run it again"):
        Snapshot.open(path)


def test_a_snapshot_that_may_not_be_sent_is_only_there_to_be_reported(path: Path) -> None:
    seal(path, sendable=False)

    with pytest.raises(StoreError, match="may not be sent"):
        Snapshot.open(path)
    Snapshot.open(path, sendable=False).close()


def test_a_sealed_snapshot_that_is_damaged_is_never_called_unsent(path: Path) -> None:
    seal(path)
    path.write_bytes(b"not a database, whatever it was before" * 100)

    with pytest.raises(StoreError) as caught:
        Snapshot.open(path)

    assert "nothing was sent" not in str(caught.value)
