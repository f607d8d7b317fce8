"""Airflow and Prefect: the real ones where they are installed, else what our examples touch of them."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from td_line_connectors.testing import MaacEmulator

CONNECTION = "line_via_crescendo"


@pytest.fixture
def maac() -> Iterator[MaacEmulator]:
    with MaacEmulator(task_seconds=0) as emulator:
        yield emulator


class BaseOperator:
    """What `LineExportOperator` touches of Airflow's."""

    template_fields: tuple[str, ...] = ()

    def __init__(self, *, task_id: str) -> None:
        self.task_id = task_id


class AirflowFailException(Exception):  # noqa: N818 - Airflow's name
    """What Airflow does not try again."""


def _airflow(password: str) -> dict[str, ModuleType]:
    connections = {CONNECTION: SimpleNamespace(password=password)}
    hook = SimpleNamespace(get_connection=connections.__getitem__)
    sdk, exceptions = ModuleType("airflow.sdk"), ModuleType("airflow.sdk.exceptions")
    vars(sdk).update(BaseOperator=BaseOperator, BaseHook=hook)
    vars(exceptions).update(AirflowFailException=AirflowFailException)
    return {"airflow": ModuleType("airflow"), "airflow.sdk": sdk, "airflow.sdk.exceptions": exceptions}


@dataclass(frozen=True)
class FailedState:
    """What `may_be_cured_by_time` touches of Prefect's."""

    error: Exception

    def result(self, *, raise_on_failure: bool) -> Exception:
        if raise_on_failure:
            raise self.error
        return self.error


def _prefect() -> dict[str, ModuleType]:
    prefect = ModuleType("prefect")

    def task(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Do what Prefect's does with the options that our example gives, without its delays."""

        def decorated(work: Callable[..., Any]) -> Callable[..., Any]:
            def tried(*given: Any) -> Any:
                for left in reversed(range(options["retries"] + 1)):
                    try:
                        return work(*given)
                    except Exception as error:
                        if not (left and options["retry_condition_fn"](None, None, FailedState(error))):
                            raise
                raise AssertionError("the last try gives or raises something")

            return tried

        return decorated

    vars(prefect).update(task=task, flow=lambda work: work)
    return {"prefect": prefect}


@pytest.fixture
def operator(maac: MaacEmulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the module with the Airflow operator; the connection's password is the emulator's token."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", f'{{"conn_type": "http", "password": "{maac.token}"}}')
    return _imported("examples.hosts.airflow_operator", "airflow", _airflow(maac.token), monkeypatch)


@pytest.fixture
def prefect_task(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the module with the Prefect task."""
    return _imported("examples.hosts.prefect_task", "prefect", _prefect(), monkeypatch)


def _imported(name: str, package: str, stand_in: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if find_spec(package) is None:
        for each, module in stand_in.items():
            monkeypatch.setitem(sys.modules, each, module)
        monkeypatch.delitem(sys.modules, name, raising=False)
    return import_module(name)
