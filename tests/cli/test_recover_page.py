"""The commands of the page «Go on after a crash, an outage or bad rows» do what it says."""

import json
import re
import shlex
from pathlib import Path

from td_line_connectors.testing import Fault, FaultKind, MaacEmulator
from tests.cli.batches import write_batches
from tests.cli.conftest import TdLine
from tests.cli.rehearsal import uid

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "recover.md"


def commands() -> list[list[str]]:
    """Give the page's commands, without the program's name, in its order."""
    lines = re.findall(r"^\$ td-line (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_the_page_leads_from_an_outage_and_a_bad_row_to_every_row_sent(
    folder: Path, maac: MaacEmulator, td_line: TdLine
) -> None:
    write_batches(folder, maac)
    maac.faults.add(Fault(FaultKind.REFUSED, on="member_import", after=2, status=403))
    assert td_line("run", "campaign.dig", "--task", "+members").code == 5
    runs, show, resume, rejects, retry = commands()

    assert "error" in td_line(*runs).out
    assert "goes on with it" in td_line(*show).out
    assert td_line(*resume).code == 0
    line = json.loads(Path(td_line(*rejects, "--json").json[0]["rejects"]).read_text())
    line["record"]["line_uid"] = uid(9)
    (folder / retry[-1]).write_text(json.dumps(line))
    assert td_line(*retry).code == 0
    assert maac.account().member(line_uid=uid(9))
    assert len(maac.account().members) == 6
