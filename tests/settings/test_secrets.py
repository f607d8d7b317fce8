"""A secret comes from the environment or its file, and prints nowhere."""

import multiprocessing
import os
import resource
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from td_line_connectors.errors import ConfigError, StoreError
from td_line_connectors.secret import Secret
from td_line_connectors.settings.secrets import Secrets, environment_variable


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets({}, tmp_path / "state" / "secrets.yml")


def revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def test_a_secret_that_was_set_is_found(secrets: Secrets) -> None:
    secrets.set("crescendo.api_token", "t0ken")
    secrets.set("line.channel-secret", "x")
    assert revealed(secrets.find("crescendo.api_token")) == "t0ken"
    assert secrets.names() == ("crescendo.api_token", "line.channel-secret")


def test_the_environment_wins_over_the_file(secrets: Secrets) -> None:
    secrets.set("a.b-c", "file")
    variable = {"TD_LINE_SECRET_A_B_C": "environment"}
    assert environment_variable("a.b-c") == "TD_LINE_SECRET_A_B_C"
    assert revealed(Secrets(variable, secrets.file).find("a.b-c")) == "environment"


def test_an_empty_variable_counts_as_none(secrets: Secrets) -> None:
    secrets.set("a", "file")
    assert revealed(Secrets({"TD_LINE_SECRET_A": ""}, secrets.file).find("a")) == "file"


def test_what_is_nowhere_is_not_found(secrets: Secrets) -> None:
    assert secrets.find("a") is None
    assert secrets.names() == ()


def test_a_deleted_secret_is_gone(secrets: Secrets) -> None:
    secrets.set("a", "1")
    secrets.set("b", "2")
    assert secrets.delete("a")
    assert not secrets.delete("a")
    assert secrets.names() == ("b",)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(min_size=1, max_size=30)
    | st.sampled_from(["null", "~", "a: b # c", " \n x\t\n", "\x85\u2028", "'\"\\", "😀"])
)
def test_any_text_comes_back_exactly(tmp_path: Path, value: str) -> None:
    secrets = Secrets({}, tmp_path / "secrets.yml")
    try:
        secrets.set("key", value)
    except ConfigError:
        assert any("\ud800" <= character <= "\udfff" for character in value)
    else:
        assert revealed(secrets.find("key")) == value


def test_a_long_text_comes_back_exactly(secrets: Secrets) -> None:
    value = "-----BEGIN KEY-----\n" + "x y: z\n" * 2000
    secrets.set("pem", value)
    assert revealed(secrets.find("pem")) == value


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777], ids=oct)
def test_only_this_user_can_read_the_file_whatever_the_umask(secrets: Secrets, umask: int) -> None:
    secrets.file.parent.mkdir(mode=0o755)
    before = os.umask(umask)
    try:
        secrets.set("a", "1")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (secrets.file.parent, *secrets.file.parent.iterdir())]
    assert modes == [0o700, 0o600, 0o600]


def _set_many(file: Path, name: str) -> None:
    for number in range(20):
        Secrets({}, file).set(f"{name}.{number}", "x")


def test_two_writers_at_once_lose_no_key(secrets: Secrets) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_set_many, args=(secrets.file, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(secrets.names()) == 40


def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"writing secrets\.yml"):
        Secrets({}, blocked / "secrets.yml").set("a", "s3cret")


def test_a_lock_that_cannot_be_taken_is_our_disks_fault(secrets: Secrets) -> None:
    (secrets.file.parent / "secrets.lock").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"writing secrets\.yml"):
        secrets.set("a", "1")


def test_a_full_disk_leaves_the_old_file_and_no_other(secrets: Secrets) -> None:
    secrets.set("a", "1")
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # else the limit would kill the process
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"writing secrets\.yml: File too large") as caught:
            secrets.set("b", "s3cret" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "s3cret" not in str(caught.value)
    assert secrets.names() == ("a",)
    assert sorted(path.name for path in secrets.file.parent.iterdir()) == ["secrets.lock", "secrets.yml"]


@pytest.mark.parametrize("key", ["", "a b", "a/b", "ä", "a:b", "x" * 201])
def test_a_key_is_letters_digits_and_three_signs(secrets: Secrets, key: str) -> None:
    with pytest.raises(ConfigError, match="letters"):
        secrets.set(key, "x")
    with pytest.raises(ConfigError, match="letters"):
        secrets.find(key)


def test_an_empty_secret_is_refused(secrets: Secrets) -> None:
    with pytest.raises(ConfigError, match="empty"):
        secrets.set("a", "")


@pytest.mark.parametrize(
    ("content", "where", "word"),
    [
        ("a: 1\na: s3cret", "secrets.yml:2:1", "twice"),
        ("a: [s3cret]", "secrets.yml:1:1", "must be a text"),
        ("a: # s3cret", "secrets.yml:1:1", "in quotes"),
        ("- s3cret", "secrets.yml:1:1", "mapping"),
        ("s3cret key: x", "secrets.yml:1:1", "letters"),
        ("a: 's3cret", "secrets.yml:1:11", "never closed"),
        ("a: *s3cret", "secrets.yml:1:4", "begins with *"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_clear_error(secrets: Secrets, content: str, where: str, word: str) -> None:
    secrets.file.parent.mkdir()
    secrets.file.write_text(content)
    for act in (lambda: secrets.find("a"), secrets.names, lambda: secrets.set("b", "x"), lambda: secrets.delete("b")):
        with pytest.raises(ConfigError, match=word) as caught:
            act()
        assert caught.value.issues[0].where == where
        assert "s3cret" not in str(caught.value)
    assert secrets.file.read_text() == content


def test_secrets_do_not_print_the_environment() -> None:
    assert "s3cret" not in repr(Secrets({"TD_LINE_SECRET_A": "s3cret"}, Path("secrets.yml")))
