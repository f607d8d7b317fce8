"""The usage of accounts in a folder: private, whole or not at all, and unusable folders said."""

import errno
import json
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.storage.quota_folder import QuotaFolder, user_quota_folder
from td_line_connectors.transport.quota import Flight, Start, Usage
from td_line_connectors.transport.quota_store import AccountBook

USAGE = Usage((Start(17.5, 18.0), Start(19.0)), Flight("run 1 of project brand", 19.0, '{"task": 12}'))


@pytest.fixture
def folder(tmp_path: Path) -> QuotaFolder:
    return QuotaFolder(tmp_path / "td-line" / "quota")


def book(folder: QuotaFolder, account: str = "an-account") -> AccountBook:
    found = folder.acquire(account, "somebody")
    assert not isinstance(found, str), f"{found} has it"
    return found


def usage_file(folder: QuotaFolder) -> Path:
    with closing(book(folder)) as mine:
        mine.write(USAGE)
    (file,) = folder.folder.glob("*.json")
    return file


def test_files_and_folders_are_private_whatever_the_umask(folder: QuotaFolder, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        usage_file(folder)
    finally:
        os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in folder.folder.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder.folder, folder.folder.parent)} == {0o700}


def test_an_account_has_two_files_whose_names_do_not_show_it(folder: QuotaFolder) -> None:
    usage_file(folder)
    assert sorted(path.suffix for path in folder.folder.iterdir()) == [".json", ".lock"]
    assert not list(folder.folder.glob("*account*"))


GARBLED = [b"", b"\xff", b"{", b"[]", b"null", b"17", b'"text"', b"{}", b'{"starts": []}', b'{"flight": null}']
GARBLED += [
    b'{"starts": [%s], "flight": null}' % each
    for each in (b"17", b"[17]", b"[17, 18, 19]", b'["17", 18]', b"[true, 18]", b"[NaN, 18]", b"[17, 1e999]", b"{}")
]
GARBLED += [
    b'{"starts": [], "flight": %s}' % each
    for each in (b"17", b"[]", b'["run 1", null, null]', b'["run 1", 17, 12]', b'[null, 17, "12"]', b'"run"')
]
GARBLED += [b"[" * 200_000, b'{"starts": [[%s, 18]], "flight": null}' % (b"9" * 400), b"\xef\xbb\xbf{}"]


@pytest.mark.parametrize("content", GARBLED, ids=lambda each: ascii(each)[:60])
def test_what_is_no_usage_is_not_read_as_one_and_can_be_replaced(folder: QuotaFolder, content: bytes) -> None:
    usage_file(folder).write_bytes(content)
    with closing(book(folder)) as mine:
        assert mine.read() is None
        mine.write(USAGE)
        assert mine.read() == USAGE


@given(content=st.one_of(st.binary(max_size=40), st.recursive(st.none() | st.floats(), st.lists).map(json.dumps)))
def test_whatever_is_in_the_file_is_read_or_said_to_be_unreadable(
    tmp_path_factory: pytest.TempPathFactory, content: bytes | str
) -> None:
    folder = QuotaFolder(tmp_path_factory.getbasetemp() / "any")
    usage_file(folder).write_bytes(content if isinstance(content, bytes) else content.encode())
    with closing(book(folder)) as mine:
        assert isinstance(mine.read(), Usage | None)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow, for the length of the block: afterwards pytest may write its own to a file again."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # else the limit would kill the process
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_is_said_and_leaves_what_was_written(folder: QuotaFolder) -> None:
    usage_file(folder)
    with full_disk(), closing(book(folder)) as mine:
        with pytest.raises(StoreError, match="writing the account's usage: File too large"):
            mine.write(Usage())
        assert mine.read() == USAGE
        assert folder.acquire("an-account", "another") == ""


def test_a_usage_that_cannot_be_opened_is_our_disks_fault(folder: QuotaFolder) -> None:
    file = usage_file(folder)
    file.unlink()
    file.mkdir()
    with closing(book(folder)) as mine, pytest.raises(StoreError, match="reading the account's usage: Is a directory"):
        mine.read()


def test_a_file_in_the_folder_s_place_is_a_config_error_that_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "td-line").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"td-line/quota: .*set XDG_STATE_HOME") as caught:
        QuotaFolder(tmp_path / "td-line" / "quota").acquire("an-account", "somebody")
    assert str(tmp_path) in str(caught.value)


def test_a_home_that_may_only_be_read_is_a_config_error(plain_user: Path) -> None:
    plain_user.chmod(0o500)
    with pytest.raises(ConfigError, match=r"quota: Permission denied: .* or set XDG_STATE_HOME"):
        QuotaFolder(plain_user / "td-line" / "quota").acquire("an-account", "somebody")
    plain_user.chmod(0o700)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EROFS, ConfigError, "give this user the right to write there, or set XDG_STATE_HOME"),
        (errno.ENOLCK, ConfigError, "knows no locks, .*; set XDG_STATE_HOME to a local folder"),
        (errno.EOPNOTSUPP, ConfigError, "knows no locks, .*; set XDG_STATE_HOME to a local folder"),
        (errno.ENOSPC, StoreError, "taking the account's lease: No space left"),
        (errno.EIO, StoreError, "taking the account's lease: Input/output error"),
    ],
    ids=["read-only", "no locks", "no locks at all", "full", "failing"],
)
def test_a_lease_that_cannot_be_taken_is_sorted_by_who_must_act(
    folder: QuotaFolder, number: int, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        raise folder._translated(OSError(number, os.strerror(number)))


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/me"}, "/state/td-line/quota"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/td-line/quota"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/me"}, "/home/me/.local/state/td-line/quota"),
        ({"HOME": "/home/me"}, "/home/me/.local/state/td-line/quota"),
    ],
    ids=["given", "empty", "relative", "not given"],
)
def test_the_folder_of_a_user_is_where_the_specification_says(environ: dict[str, str], folder: str) -> None:
    assert user_quota_folder(environ) == Path(folder)


def test_a_user_without_a_home_must_say_where() -> None:
    with pytest.raises(ConfigError, match="XDG_STATE_HOME: must name a folder, for this user has no home"):
        user_quota_folder({"HOME": "nowhere"})
