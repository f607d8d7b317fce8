"""The calls about jobs, as they go over the line: once where once is meant, again where that helps."""

import logging
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from td_line_connectors.errors import ConfigError, RefusedError, RemoteError, TransientError
from td_line_connectors.secret import Secret
from td_line_connectors.spi import Issued, JobStatus, Query, QueryConnector
from td_line_connectors.testing import FaultKind, TreasureDataEmulator, TreasureDataFault
from td_line_connectors.treasure_data.connector import PLUGIN
from tests.testing.maac_client import HandClock
from tests.transport.far_side import OK, Serve, answer
from tests.treasure_data.connecting import waiting_by


def fault(kind: FaultKind, on: str, **settings: object) -> TreasureDataFault:
    return TreasureDataFault(kind, on, **settings)  # type: ignore[arg-type]  # names and values are the tests' own


def paths(far_side: TreasureDataEmulator) -> list[str]:
    return [f"{call.method} {call.path}" for call in far_side.calls]


def test_a_query_is_issued_with_its_key(far_side: TreasureDataEmulator, queries: QueryConnector, query: Query) -> None:
    issued = queries.issue(query)

    assert issued == Issued("1000", is_new=True)
    assert [(job.engine, job.database, job.query, job.domain_key) for job in far_side.jobs] == [
        ("presto", "sample_datasets", "SELECT 1 AS one", "run-7/members")
    ]
    assert paths(far_side) == ["POST /v3/job/issue/presto/sample_datasets"]


def test_a_key_that_was_there_before_gives_the_first_job(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query
) -> None:
    first, second = queries.issue(query), queries.issue(query)

    assert (first.job_id, second) == ("1000", Issued("1000", is_new=False))
    assert len(far_side.jobs) == 1


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_MIDWAY], ids=str)
def test_an_issue_whose_answer_was_lost_is_repeated_and_runs_once(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, kind: FaultKind
) -> None:
    far_side.faults.add(fault(kind, "job_issue"))

    assert queries.issue(query).job_id == "1000"
    assert len(far_side.jobs) == 1
    assert len(far_side.calls) == 2


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (FaultKind.SERVER_ERROR, {"status": 503}),
        (FaultKind.CUT_BEFORE, {}),
        (FaultKind.GARBAGE, {}),
        (FaultKind.HTML, {}),
        (FaultKind.HTML, {"status": 200}),
        (FaultKind.RATE_LIMITED, {}),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, kind: FaultKind, settings: dict[str, object]
) -> None:
    far_side.faults.add(fault(kind, "job_issue", times=2, **settings))

    assert queries.issue(query).job_id == "1000"
    assert len(far_side.calls) == 3


def test_the_wait_that_the_far_side_asks_for_is_kept(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, clock: HandClock
) -> None:
    far_side.faults.add(fault(FaultKind.RATE_LIMITED, "job_issue", retry_after=41))
    before = clock.at
    queries.issue(query)

    assert clock.at - before == 41


def test_what_does_not_pass_ends_as_unreachable(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query
) -> None:
    far_side.faults.add(fault(FaultKind.SERVER_ERROR, "job_issue", times=None))

    with pytest.raises(TransientError, match="POST /v3/job/issue/presto/sample_datasets: 500"):
        queries.issue(query)
    assert len(far_side.calls) == 6


def test_a_far_side_that_is_gone_is_named(far_side: TreasureDataEmulator, queries: QueryConnector) -> None:
    far_side.stop()

    with pytest.raises(TransientError, match="no connection could be made: check the endpoint"):
        queries.check()


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_query_is_told_so(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, status: int
) -> None:
    far_side.faults.add(fault(FaultKind.REFUSED, "any", status=status, times=None))

    for ask in (queries.check, lambda: queries.issue(query), lambda: queries.status("1"), lambda: queries.kill("1")):
        with pytest.raises(RefusedError, match=f"{status}, .*check api_key.*a write-only key cannot query") as caught:
            ask()
        assert caught.value.status == status


def test_a_write_only_key_is_refused_by_the_check(far_side: TreasureDataEmulator, clock: HandClock) -> None:
    settings = {"api_key": far_side.write_key, "endpoint": far_side.url}
    with (
        closing(PLUGIN.connect(settings, waiting_by(clock))) as queries,
        pytest.raises(RefusedError, match="write-only"),
    ):
        queries.check()


def test_the_check_lists_one_job_and_writes_nothing(far_side: TreasureDataEmulator, queries: QueryConnector) -> None:
    queries.check()

    assert paths(far_side) == ["GET /v3/job/list?from=0&to=0"]


def test_a_redirect_is_not_followed(far_side: TreasureDataEmulator, queries: QueryConnector) -> None:
    far_side.faults.add(fault(FaultKind.REDIRECT, "job_list"))

    with pytest.raises(RefusedError, match="302, a redirect"):
        queries.check()
    assert len(far_side.calls) == 1


@pytest.mark.parametrize(("database", "engine"), [("nowhere", "presto"), ("sample_datasets", "impala")])
def test_a_database_or_engine_that_is_not_there_is_a_fault_of_the_settings(
    queries: QueryConnector, query: Query, database: str, engine: str
) -> None:
    with pytest.raises(ConfigError, match=f"no database «{database}».* or no engine {engine}"):
        queries.issue(replace(query, database=database, engine=engine))


def test_a_job_that_is_not_there_is_named(queries: QueryConnector) -> None:
    with pytest.raises(ConfigError, match="knows no job 4711: check the number"):
        queries.status("4711")


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, JobStatus.QUEUED), (1.5, JobStatus.RUNNING), (3, JobStatus.SUCCESS)]
)
def test_a_job_waits_runs_and_ends(
    queries: QueryConnector, query: Query, clock: HandClock, seconds: float, status: JobStatus
) -> None:
    job_id = queries.issue(query).job_id
    clock.advance(seconds)

    assert queries.status(job_id) is status


def test_a_job_that_is_killed_says_so(queries: QueryConnector, query: Query) -> None:
    job_id = queries.issue(query).job_id
    queries.kill(job_id)

    assert queries.status(job_id) is JobStatus.KILLED


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("line 1:8: Column 'x' cannot be resolved", " failed: line 1:8: Column 'x' cannot be resolved"),
        ("a\nb", " failed: a\nb"),
        (f"{'x' * 3000}the end", "xxx" + "the end"),
        ("\x1b[31mred\u202e\u200b\x00", "failed: \\x1b[31mred\\u202e\\u200b\\x00"),
    ],
    ids=["a sentence", "lines", "long", "commanding"],
)
def test_a_failed_job_says_why_in_words_that_do_nothing(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, clock: HandClock, text: str, ending: str
) -> None:
    far_side.faults.add(TreasureDataFault(FaultKind.JOB_ERROR, "job_issue", message=text))
    job_id = queries.issue(query).job_id
    clock.advance(3)
    said = queries.why_failed(job_id)

    assert queries.status(job_id) is JobStatus.ERROR
    assert said.endswith(ending)
    assert len(said) <= 2002
    assert all(each.isprintable() or each == "\n" for each in said)


def test_where_standard_error_is_silent_the_output_speaks(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, clock: HandClock
) -> None:
    job_id = queries.issue(query).job_id
    clock.advance(3)

    assert "executing query: SELECT 1 AS one" in queries.why_failed(job_id)


def test_no_log_has_the_key(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    far_side.faults.add(fault(FaultKind.SERVER_ERROR, "job_list", times=2))
    queries.check()
    queries.issue(query)

    assert "REST POST call" in caplog.text  # td-client logs what it asks, headers too
    assert far_side.api_key not in caplog.text
    assert far_side.api_key not in repr(queries)


def test_an_error_repeats_nothing_of_an_answer(
    far_side: TreasureDataEmulator, queries: QueryConnector, query: Query
) -> None:
    far_side.faults.add(fault(FaultKind.GARBAGE, "job_show", times=None))
    job_id = queries.issue(query).job_id

    with pytest.raises(RemoteError) as caught:
        queries.why_failed(job_id)

    assert str(caught.value) == f"GET /v3/job/show/{job_id}: the answer is not what was expected"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("key", ["", "1/two words", "1/line\nend", "1/ключ"], ids=repr)
def test_a_key_that_no_header_carries_is_refused_unsent(
    far_side: TreasureDataEmulator, clock: HandClock, key: str
) -> None:
    connector = PLUGIN.connect({"api_key": Secret(key or " "), "endpoint": far_side.url}, waiting_by(clock))

    with pytest.raises(ConfigError, match="which no HTTP header carries"):
        connector.check()
    assert far_side.calls == []


def test_the_environments_proxy_is_used_and_told_its_credentials(
    serve: Serve, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(answer("403 No", b"", "Connection: close"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//ann:pa%20ss@"))
    connector = PLUGIN.connect({"api_key": Secret("1/k3y")}, waiting_by(clock))

    with pytest.raises(TransientError, match="the proxy could not be reached or refused"):
        connector.check()
    [*_, request] = proxy.requests
    assert request.line.startswith("CONNECT api.treasuredata.com:443 ")
    assert request.headers["proxy-authorization"] == "Basic YW5uOnBhIHNz"
    assert "1/k3y" not in str(proxy.requests)


def test_no_proxy_is_kept(
    serve: Serve, far_side: TreasureDataEmulator, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(OK)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with closing(PLUGIN.connect({"api_key": far_side.api_key, "endpoint": far_side.url}, waiting_by(clock))) as queries:
        queries.check()

    assert (len(proxy.requests), len(far_side.calls)) == (0, 1)


def test_a_certificate_that_is_not_trusted_is_named(serve: Serve, clock: HandClock) -> None:
    far_side = serve(OK, tls=True)
    connector = PLUGIN.connect({"api_key": Secret("1/k3y"), "endpoint": far_side.url}, waiting_by(clock))

    with pytest.raises(TransientError, match="its certificate is not trusted"):
        connector.check()
    assert far_side.requests == []


def test_a_status_that_is_not_known_yet_is_no_end(serve: Serve, clock: HandClock) -> None:
    far_side = serve(answer("200 OK", b'{"status": "booting"}'))
    with closing(PLUGIN.connect({"api_key": Secret("1/k3y"), "endpoint": far_side.url}, waiting_by(clock))) as queries:
        assert queries.status("7") is JobStatus.RUNNING


def test_its_lines_end_when_it_is_closed(serve: Serve, clock: HandClock) -> None:
    far_side = serve(answer("200 OK", b'{"status": "running"}'))
    queries = PLUGIN.connect({"api_key": Secret("1/k3y"), "endpoint": far_side.url}, waiting_by(clock))
    queries.status("7")
    lines = queries.client._api.http.connection_from_url(far_side.url)  # type: ignore[attr-defined]  # as a traceback keeps them
    queries.close()
    queries.close()
    left_alone = far_side.is_left_alone.wait(5)
    lines.close()

    assert (left_alone, far_side.connections) == (True, 1)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us", "https://api.treasuredata.com"),
        ("tokyo", "https://api.treasuredata.co.jp"),
        ("eu01", "https://api.eu01.treasuredata.com"),
        ("ap02", "https://api.ap02.treasuredata.com"),
        ("ap03", "https://api.ap03.treasuredata.com"),
    ],
)
def test_each_region_has_its_host(region: str, host: str) -> None:
    config = PLUGIN.parameters.parse({"api_key": "1/k3y", "region": region})

    assert config.host == host


def test_without_td_client_the_extra_is_named() -> None:
    code = """
import sys
sys.modules["tdclient"] = None
from td_line_connectors.errors import ConfigError
from td_line_connectors.plugins import default_registry
from td_line_connectors.spi import Runtime
try:
    default_registry().query("treasure_data").connect({"api_key": "1/k3y"}, Runtime()).check()
except ConfigError as error:
    print(error)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "td-client: td-client is not installed; install td-line-connectors[td]\n"


def test_to_know_of_treasure_data_loads_no_package_of_others() -> None:
    code = """
import sys
from td_line_connectors.spi import Runtime
from td_line_connectors.treasure_data.connector import PLUGIN
PLUGIN.connect({"api_key": "1/k3y"}, Runtime())
print([name for name in ("tdclient", "urllib3", "msgpack", "requests") if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout == "[]\n"
