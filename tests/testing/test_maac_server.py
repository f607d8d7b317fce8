"""The emulator as a server: who may call, what is kept, how it stops."""

import ast
import socket
import subprocess
import sys
import threading
from http.client import HTTPException
from pathlib import Path

import pytest

import td_line_connectors.testing as face
from td_line_connectors.testing import MaacEmulator
from tests.testing.maac_client import CUSTOM_SEGMENT, IMPORT, SEGMENT, MaacClient, uid

ROW = {"line_uid": uid(1)}
EMULATORS = ("emulation", "maac", "treasure_data")
SOURCES = [path for name in EMULATORS for path in sorted(Path(face.__file__).parent.glob(f"{name}/*.py"))]


@pytest.mark.parametrize("token", ["", "wrong", "emulated-token "], ids=["empty", "wrong", "longer"])
def test_a_wrong_token_is_not_authorised(still: MaacEmulator, token: str) -> None:
    with MaacClient(still, token=token) as stranger:
        got = stranger.start([ROW])
    assert (got.status, list(got.json)) == (401, ["detail"])
    assert still.account().imports == []


@pytest.mark.parametrize("credentials", ["emulated-token", "Basic emulated-token", "Bearer"])
def test_the_token_must_be_a_bearers(caller: MaacClient, credentials: str) -> None:
    assert caller.call("GET", SEGMENT, Authorization=credentials).status == 401


def test_an_account_may_be_forbidden(still: MaacEmulator) -> None:
    still.add_account("sealed", forbidden=True)
    with MaacClient(still, token="sealed") as client:
        assert (client.get(SEGMENT).status, client.start([ROW]).status) == (403, 403)


@pytest.mark.parametrize("path", ["/", "/openapi/v1/member/import", "/openapi/v1/segments/", "/openapi/v1/segment/x/"])
def test_an_unknown_path_is_not_found(caller: MaacClient, path: str) -> None:
    assert caller.get(path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", IMPORT, "POST"),
        ("PUT", SEGMENT, "GET"),
        ("DELETE", CUSTOM_SEGMENT, "POST"),
        ("PATCH", f"{SEGMENT}1/", "GET, DELETE"),
    ],
)
def test_a_method_that_a_path_does_not_know_is_not_allowed(
    caller: MaacClient, method: str, path: str, allowed: str
) -> None:
    got = caller.call(method, path)
    assert (got.status, got.headers["allow"]) == (405, allowed)


def test_calls_are_written_down_in_order(still: MaacEmulator, caller: MaacClient) -> None:
    caller.start([ROW])
    caller.get(f"{SEGMENT}?name=a%20b")
    caller.call("GET", SEGMENT, Authorization="Bearer no")
    assert [call[:3] for call in still.calls] == [
        ("POST", IMPORT, 200),
        ("GET", f"{SEGMENT}?name=a%20b", 200),
        ("GET", SEGMENT, 401),
    ]
    assert [call.operation for call in still.calls] == ["member_import", "segment_list", None]


def test_one_connection_serves_many_calls_and_refusals(caller: MaacClient) -> None:
    caller.get(SEGMENT)
    connection = caller.connection.sock
    for path in (SEGMENT, "/nowhere/", SEGMENT):
        caller.get(path)
    caller.call("PUT", IMPORT, b"x" * 1_000_000)
    assert caller.get(SEGMENT).status == 200
    assert caller.connection.sock is connection


@pytest.mark.parametrize(
    "length", ["64000001", "-1", "9" * 5000, "many", "１"], ids=["endless", "negative", "digits", "text", "full-width"]
)
def test_a_body_whose_length_cannot_be_is_not_read(caller: MaacClient, length: str) -> None:
    caller.connection.putrequest("POST", IMPORT)
    caller.connection.putheader("Content-Length", length.encode())
    caller.connection.endheaders()
    answer = caller.connection.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (400, "close")


def test_a_body_without_a_length_is_refused(caller: MaacClient) -> None:
    caller.connection.request("POST", IMPORT, iter([b"{}"]), encode_chunked=True)
    assert caller.connection.getresponse().status == 411


def test_a_body_that_ends_early_does_nothing(still: MaacEmulator, caller: MaacClient) -> None:
    caller.connection.putrequest("POST", IMPORT)
    caller.connection.putheader("Content-Length", "10")
    caller.connection.endheaders(b"{}")
    caller.connection.sock.shutdown(socket.SHUT_WR)
    assert caller.connection.sock.recv(1) == b""
    assert still.calls == []


def test_stopping_closes_every_connection_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with MaacEmulator() as maac:
        clients = [MaacClient(maac) for _ in range(3)]
        assert [client.get(SEGMENT).status for client in clients] == [200] * 3
    assert set(threading.enumerate()) <= before
    for client in clients:
        with pytest.raises((HTTPException, OSError)):
            client.get(SEGMENT)


def test_started_again_it_keeps_its_port_and_its_members(still: MaacEmulator, caller: MaacClient) -> None:
    caller.start([ROW])
    url = still.url
    still.stop()
    with pytest.raises(ConnectionRefusedError), MaacClient(still) as late:
        late.get(SEGMENT)
    still.start()
    with MaacClient(still) as again:
        assert again.get(SEGMENT).status == 200
    assert (still.url, len(still.account().members)) == (url, 1)


def test_starting_and_stopping_twice_does_nothing(still: MaacEmulator) -> None:
    url = still.url
    still.start()
    assert still.url == url
    still.stop()
    still.stop()


def test_it_serves_for_ever_until_somebody_stops_it() -> None:
    maac = MaacEmulator()
    maac.start()
    server = threading.Thread(target=maac.serve_forever)
    server.start()
    with MaacClient(maac) as client:
        assert client.get(SEGMENT).status == 200
    maac.stop()
    server.join(timeout=10)
    assert not server.is_alive()


def test_it_has_no_url_before_it_has_a_port() -> None:
    with pytest.raises(RuntimeError, match="start it first"):
        _ = MaacEmulator().url


def test_an_account_does_not_show_its_token_or_its_people() -> None:
    maac = MaacEmulator(token="very-secret")
    maac.account().blocked.add("C1")
    assert "very-secret" not in repr(maac.account())
    assert "C1" not in repr(maac.account())


@pytest.mark.parametrize("setting", [{"time_scale": 0}, {"task_seconds": -1}, {"segment_seconds": -1}], ids=str)
def test_a_duration_that_cannot_be_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        MaacEmulator(**setting)  # type: ignore[arg-type] # the table has floats only


def test_the_fixture_gives_a_running_emulator(maac: MaacEmulator) -> None:
    with MaacClient(maac) as client:
        assert client.start([ROW]).status == 200


def test_every_public_name_is_there_and_no_other() -> None:
    assert [name for name in face.__all__ if getattr(face, name, None) is None] == []
    assert dir(face) == sorted(face.__all__)
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = face.Nonsense


def test_importing_the_face_loads_no_server_and_no_pytest() -> None:
    script = "import sys, td_line_connectors.testing; print([name for name in sys.modules if name in %r])"
    heavy = ("http.server", "socketserver", "json", "pytest", "td_line_connectors.testing.maac")
    shown = subprocess.run([sys.executable, "-c", script % (heavy,)], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_far_side_shares_no_code_with_ours(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    inside = {f"td_line_connectors.testing.{name}" for name in ("emulation", path.parent.name)}
    strangers = {name for name in names if ".".join(name.split(".")[:3]) not in inside}
    assert {name.partition(".")[0] for name in strangers} <= sys.stdlib_module_names | {"msgpack"}
