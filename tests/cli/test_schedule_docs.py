"""What the page about schedules shows is what the command takes."""

import configparser
import re
import shlex

import pytest

from td_line_connectors.cli import main
from td_line_connectors.cli.app import COMMANDS
from td_line_connectors.workflow.schedule import KINDS, OPTIONS
from tests.cli.terminal import ROOT

PAGE = (ROOT / "docs" / "how-to" / "schedule.md").read_text(encoding="utf-8")
UNITS = re.findall(r"^```ini\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
[CRONTAB] = re.findall(r"^```crontab\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
    parser.read_string(text)
    return parser


def commands() -> list[list[str]]:
    """Give what comes after `td-line` in every unit, and in the crontab."""
    services = [unit(text)["Service"]["ExecStart"] for text in UNITS if "[Service]" in text]
    crontab = CRONTAB.strip().replace(r"\%", "%").split("&&")[1]
    return [shlex.split(line)[1:] for line in (*services, crontab)]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_the_services_and_the_crontab_call_what_there_is(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(each for each in arguments if each in COMMANDS)

    assert main([name, "--help"]) == 0
    known = capsys.readouterr().out
    assert all(option in known for option in arguments[arguments.index(name) :] if option.startswith("--"))


def test_the_service_leaves_the_sessions_to_the_scheduler_when_it_is_stopped() -> None:
    service = unit(UNITS[0])["Service"]
    assert (service["KillMode"], service["RestartPreventExitStatus"]) == ("mixed", "2")


def test_every_form_and_option_of_a_schedule_is_explained() -> None:
    assert all(f"`{form}:" in PAGE or f"`{form}" in PAGE for form in KINDS)
    assert all(f"`{option}:" in PAGE for option in OPTIONS)
