"""Databases, tables and keys; and the emulator as a server."""

import subprocess
import sys
import threading
from http.client import HTTPException
from pathlib import Path

import pytest
from tdclient.client import Client
from tdclient.errors import AlreadyExistsError, APIError, AuthError, ForbiddenError, NotFoundError

from td_line_connectors.testing import TreasureDataEmulator
from td_line_connectors.testing.treasure_data.routes import WRITES, TreasureDataOperation
from tests.testing.maac_client import HandClock
from tests.testing.treasure_data_client import DATABASE, INGEST, NOON, TABLE, PlainClient, import_path, official, packed

WITHOUT_MSGPACK = """
import sys
sys.modules["msgpack"] = None
from td_line_connectors.testing import TreasureDataEmulator
try:
    TreasureDataEmulator().start()
except ModuleNotFoundError as error:
    print(error)
"""
GONE = """
from td_line_connectors.testing import TreasureDataEmulator
from tdclient.client import Client
with TreasureDataEmulator(job_seconds=0) as emulator:
    emulator.add_tables("abc")
    Client(apikey=emulator.api_key, endpoint=emulator.url).query("abc", "SELECT 1", type="presto")
print(emulator.jobs[0].result.path, emulator.jobs[0].result.path.exists())
"""
CALLS = [
    ("POST", INGEST, TreasureDataOperation.INGEST),
    ("PUT", import_path(), TreasureDataOperation.IMPORT),
    ("PUT", import_path("x"), TreasureDataOperation.IMPORT_WITH_ID),
    ("POST", f"/v3/job/issue/presto/{DATABASE}", TreasureDataOperation.JOB_ISSUE),
    ("GET", "/v3/job/status/1", TreasureDataOperation.JOB_STATUS),
    ("GET", "/v3/job/show/1", TreasureDataOperation.JOB_SHOW),
    ("GET", "/v3/job/list", TreasureDataOperation.JOB_LIST),
    ("GET", "/v3/job/result/1", TreasureDataOperation.JOB_RESULT),
    ("POST", "/v3/job/kill/1", TreasureDataOperation.JOB_KILL),
    ("GET", "/v3/database/list", TreasureDataOperation.DATABASE_LIST),
    ("POST", "/v3/database/create/new", TreasureDataOperation.DATABASE_CREATE),
    ("GET", f"/v3/table/list/{DATABASE}", TreasureDataOperation.TABLE_LIST),
    ("POST", f"/v3/table/create/{DATABASE}/new/log", TreasureDataOperation.TABLE_CREATE),
]


def test_the_official_client_makes_and_lists_databases_and_tables(
    plazma: TreasureDataEmulator, master: Client, writer: PlainClient, clock: HandClock
) -> None:
    assert master.server_status() == "ok"
    assert master.create_database("new_db")
    assert master.create_log_table("new_db", "members")
    writer.ingest({"a": 1, "b": 0.5, "c": "x", "d": True, "time": NOON})
    assert {each.name: each.count for each in master.databases()} == {DATABASE: 1, "new_db": 0}
    assert [(each.name, each.count) for each in master.tables("new_db")] == [("members", 0)]
    table = master.table(DATABASE, TABLE)
    assert (table.type, table.count) == ("log", 1)
    types = [(name, kind) for name, kind, _ in table.schema or []]
    assert types == [("a", "long"), ("b", "double"), ("c", "string"), ("d", "string")]
    assert plazma.rows("new_db", "members") == []


def test_what_is_there_cannot_be_made_again(plazma: TreasureDataEmulator, master: Client) -> None:
    with pytest.raises(AlreadyExistsError):
        master.create_database(DATABASE)
    with pytest.raises(AlreadyExistsError):
        master.create_log_table(DATABASE, TABLE)
    assert [call.status for call in plazma.calls] == [409, 409]


def test_what_is_not_there_is_not_found(plazma: TreasureDataEmulator, master: Client) -> None:
    with pytest.raises(NotFoundError):
        master.tables("nowhere")
    with pytest.raises(NotFoundError):
        master.create_log_table("nowhere", "members")
    with pytest.raises(KeyError, match=r"line_oa\.nowhere"):
        plazma.rows(DATABASE, "nowhere")


@pytest.mark.parametrize("name", ["ab", "a" * 129, "Upper", "with-dash", "ページ"])
def test_a_name_that_cannot_be_is_refused(plazma: TreasureDataEmulator, master: Client, name: str) -> None:
    with pytest.raises(APIError, match="400"):
        master.create_database(name)
    with pytest.raises(APIError, match="400"):
        master.create_log_table(DATABASE, name)
    with pytest.raises(ValueError, match="a database or table"):
        plazma.add_tables(DATABASE, name)


def test_tables_made_twice_from_python_keep_their_rows(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    writer.ingest({"time": NOON})
    plazma.add_tables(DATABASE, TABLE, "more")
    assert plazma.rows(DATABASE, TABLE) == [{"time": NOON}]


@pytest.mark.parametrize(("method", "path", "operation"), CALLS, ids=str)
@pytest.mark.parametrize("credentials", ["", "wrong", "TD1", "TD1 wrong", "{key}", "Bearer {key}", "TD1  {key}"])
def test_a_call_without_a_right_key_is_not_let_in(
    plazma: TreasureDataEmulator, method: str, path: str, operation: TreasureDataOperation, credentials: str
) -> None:
    with PlainClient(plazma, "") as stranger:
        got = stranger.call(method, path, Authorization=credentials.format(key=plazma.api_key))
    assert (got.status, list(got.json)) == (401, ["error", "text", "severity"])
    assert plazma.calls[0].operation is None


@pytest.mark.parametrize(("method", "path", "operation"), CALLS, ids=str)
def test_a_write_only_key_opens_ingestion_and_import_alone(
    plazma: TreasureDataEmulator, writer: PlainClient, method: str, path: str, operation: TreasureDataOperation
) -> None:
    status = writer.call(method, path).status
    assert (status == 403) is (operation not in WRITES)
    assert plazma.calls[0].operation is (operation if operation in WRITES else None)


def test_the_official_client_is_told_of_keys(plazma: TreasureDataEmulator) -> None:
    with official(plazma, plazma.write_key) as client, pytest.raises(ForbiddenError, match="write-only"):
        client.databases()
    with official(plazma, "1/none") as client, pytest.raises(AuthError):
        client.databases()
    with official(plazma, "1/none") as client:
        assert client.server_status() == "ok"


def test_a_key_may_be_added_and_revoked(plazma: TreasureDataEmulator) -> None:
    plazma.add_key("2/guest", write_only=True)
    with PlainClient(plazma, "2/guest") as guest:
        statuses = [guest.ingest({"time": NOON}).status]
        plazma.revoke_key("2/guest")
        statuses.append(guest.ingest({"time": NOON}).status)
    assert (statuses, len(plazma.rows(DATABASE, TABLE))) == ([200, 401], 1)


@pytest.mark.parametrize("path", ["/", "/v3", "/v3/job/nonsense", "/v3/table/create/a/b/item", "/a/b/c", "/v3/a"])
def test_an_unknown_path_is_not_found(plazma: TreasureDataEmulator, path: str) -> None:
    with PlainClient(plazma, plazma.api_key) as client:
        assert client.call("POST", path).status == 404
    assert plazma.calls[0].operation is None


def test_a_method_that_a_path_does_not_know_is_not_allowed(plazma: TreasureDataEmulator) -> None:
    with PlainClient(plazma, plazma.api_key) as client:
        got = client.call("DELETE", "/v3/database/list")
    assert (got.status, got.headers["allow"]) == (405, "GET")


def test_a_body_without_a_length_is_refused_in_treasure_datas_words(writer: PlainClient) -> None:
    writer.connection.request("POST", INGEST, iter([b"{}"]), encode_chunked=True)
    answer = writer.connection.getresponse()
    assert (answer.status, b'"severity": "error"' in answer.read()) == (411, True)


def test_a_call_is_written_down_with_its_size(plazma: TreasureDataEmulator, writer: PlainClient) -> None:
    body = packed({"time": NOON})
    writer.put(body, "part/1 a".replace("/", "%2F").replace(" ", "%20"))
    assert [(call.operation, call.status, call.size) for call in plazma.calls] == [("import_with_id", 200, len(body))]
    assert [each.unique_id for each in plazma.deliveries] == ["part/1 a"]


def test_stopping_closes_every_connection_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with TreasureDataEmulator() as emulator:
        clients = [PlainClient(emulator, emulator.api_key) for _ in range(3)]
        assert [client.call("GET", "/v3/database/list").status for client in clients] == [200] * 3
    assert set(threading.enumerate()) <= before
    for client in clients:
        with pytest.raises((HTTPException, OSError)):
            client.call("GET", "/v3/database/list")


def test_started_again_it_keeps_its_port_rows_ids_and_results(plazma: TreasureDataEmulator, clock: HandClock) -> None:
    url, body = plazma.url, packed({"a": 1, "time": NOON})
    with official(plazma) as client:
        client.import_data(DATABASE, TABLE, "msgpack.gz", body, len(body), unique_id="part-1")
        job = client.query(DATABASE, "SELECT a FROM events", type="presto")
    plazma.stop()
    with pytest.raises(ConnectionRefusedError), PlainClient(plazma, plazma.api_key) as late:
        late.call("GET", "/v3/database/list")
    plazma.start()
    clock.advance(3)
    with official(plazma) as client:
        client.import_data(DATABASE, TABLE, "msgpack.gz", body, len(body), unique_id="part-1")
        assert (plazma.url, client.job_result(job.id)) == (url, [[1]])
    assert plazma.rows(DATABASE, TABLE) == [{"a": 1, "time": NOON}]


def test_the_fixture_gives_a_running_emulator(treasure_data: TreasureDataEmulator) -> None:
    with official(treasure_data) as client:
        assert client.databases() == []


@pytest.mark.parametrize("setting", [{"time_scale": 0}, {"job_seconds": -1}], ids=str)
def test_a_duration_that_cannot_be_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        TreasureDataEmulator(**setting)  # type: ignore[arg-type] # the table has floats only


def test_it_does_not_show_its_keys() -> None:
    emulator = TreasureDataEmulator(api_key="1/very-secret", write_key="1/quite-secret")
    assert "secret" not in repr(emulator._account)


def test_without_msgpack_it_says_what_to_install() -> None:
    shown = subprocess.run([sys.executable, "-c", WITHOUT_MSGPACK], capture_output=True, text=True, check=True)
    assert shown.stdout == "msgpack is not installed; install td-line-connectors[td]\n"


def test_results_go_from_the_disk_when_the_process_ends() -> None:
    shown = subprocess.run([sys.executable, "-c", GONE], capture_output=True, text=True, check=True)
    path, existed = shown.stdout.split()
    assert (existed, Path(path).parent.exists()) == ("True", False)
