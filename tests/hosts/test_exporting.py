"""Rows in, from other people's schedulers."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from examples.hosts import plain_script
from td_line_connectors import RunFailedError, Runtime, default_registry, export
from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.hosts.conftest import CONNECTION, FailedState

SOON = {"task_timeout": 0.1, "poll_interval": 0.05}
"""Nobody waits for long here."""

ROWS = [
    {"line_uid": "U0123456789abcdef0123456789abcdef", "email": "ann@example.com"},
    {"line_uid": "Ufedcba9876543210fedcba9876543210", "birthday": "1985"},
]


def settings(maac: MaacEmulator) -> dict[str, object]:
    return {"endpoint": maac.url, "data_object": "members", "import_key": "line_uid", "tags": "import"}


def uids(maac: MaacEmulator) -> list[object]:
    return [each["line_uid"] for each in maac.account().members]


def test_the_plain_script_exports_a_file(
    maac: MaacEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "members.csv"
    file.write_text("line_uid,email\nU0123456789abcdef0123456789abcdef,ann@example.com\nnobody,\n")

    code = plain_script.main(str(file), {"MAAC_API_TOKEN": maac.token, "MAAC_ENDPOINT": maac.url})

    assert code == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()][:2] == [["read", "2"], ["written", "1"]]
    assert uids(maac) == ["U0123456789abcdef0123456789abcdef"]


@pytest.mark.parametrize(
    ("text", "token", "code"), [("line_uid\n", "", 2), ("email\na@example.com\n", "x", 2), ("line_uid\nno\n", "x", 3)]
)
def test_the_plain_script_ends_with_the_exit_codes(
    maac: MaacEmulator, tmp_path: Path, text: str, token: str, code: int
) -> None:
    file = tmp_path / "members.csv"
    file.write_text(text)

    assert plain_script.main(str(file), {"MAAC_API_TOKEN": token, "MAAC_ENDPOINT": maac.url}) == code


def airflow_task(operator: Any, maac: MaacEmulator, **changed: object) -> Any:
    return operator.LineExportOperator(
        task_id="members",
        rows=lambda: ROWS,
        connector="line_via_crescendo",
        settings={**settings(maac), **changed},
        secret="api_token",
        connection=CONNECTION,
    )


def test_the_airflow_operator_gives_the_report(operator: Any, maac: MaacEmulator) -> None:
    report = airflow_task(operator, maac).execute({})

    assert report["tasks"][0]["rows"]["written"] == 1
    assert uids(maac) == ["U0123456789abcdef0123456789abcdef"]


@pytest.mark.parametrize(
    "changed", [{"data_object": "people"}, {"skip_invalid_records": False}], ids=["config", "data"]
)
def test_airflow_does_not_try_again_what_a_person_must_mend(
    operator: Any, maac: MaacEmulator, changed: dict[str, object]
) -> None:
    with pytest.raises(operator.AirflowFailException):
        airflow_task(operator, maac, **changed).execute({})

    assert uids(maac) == []


def test_airflow_tries_again_what_time_may_cure(operator: Any, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, times=None))

    with pytest.raises(RunFailedError):
        airflow_task(operator, maac, **SOON).execute({})


def test_the_prefect_flow_gives_the_report(prefect_task: Any, maac: MaacEmulator) -> None:
    report = prefect_task.line_members(ROWS, {"api_token": maac.token, **settings(maac)})

    assert report["tasks"][0]["rows"]["written"] == 1
    assert uids(maac) == ["U0123456789abcdef0123456789abcdef"]


def test_prefect_does_not_try_again_what_a_person_must_mend(prefect_task: Any, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.REFUSED, times=None))

    with pytest.raises(RunFailedError):
        prefect_task.line_members(ROWS, {"api_token": maac.token, **settings(maac)})

    assert len([call for call in maac.calls if call.method == "POST"]) == 1


def test_prefect_tries_again_what_time_may_cure(prefect_task: Any, maac: MaacEmulator) -> None:
    maac.faults.add(Fault(FaultKind.STUCK, times=None))
    told = {"api_token": maac.token, **settings(maac), **SOON}
    plugin = default_registry().output("line_via_crescendo")
    with closing(plugin.connect(told, Runtime())) as connector, pytest.raises(RunFailedError) as caught:
        export(ROWS, connector)

    assert prefect_task.may_be_cured_by_time(None, None, FailedState(caught.value))
    assert not prefect_task.may_be_cured_by_time(None, None, FailedState(ValueError()))
