"""A plain script: the rows of a CSV file become members in MAAC.

    MAAC_API_TOKEN=… python examples/hosts/plain_script.py members.csv

It ends with 0 where the run went to its end, and with the command line's exit codes where it did not.
"""

import csv
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing

from td_line_connectors import ConnectorError, Row, RunFailedError, RunReport, Runtime, default_registry, export


def export_members(rows: Iterable[Row], settings: Mapping[str, object], runtime: Runtime) -> RunReport:
    """Export rows, and give the report of where each one ended; that of a run that failed, too."""
    plugin = default_registry().output("line_via_crescendo")
    with closing(plugin.connect(settings, runtime)) as connector:
        try:
            return export(rows, connector, runtime)
        except RunFailedError as error:
            return error.report


def main(file: str, environ: Mapping[str, str]) -> int:
    """Export a CSV file, print the outcomes, and give the exit code."""
    settings = {
        "api_token": environ["MAAC_API_TOKEN"],
        "endpoint": environ.get("MAAC_ENDPOINT"),
        "data_object": "members",
        "import_key": "line_uid",
        "tags": "import",
    }
    try:
        with open(file, encoding="utf-8-sig", newline="") as stream:  # noqa: PTH123 - as people write it
            report = export_members(csv.DictReader(stream), settings, Runtime())
    except ConnectorError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for outcome, rows in report.rows.to_json().items():
        print(f"{outcome:>10} {rows}")
    if report.first_error:
        print(report.first_error.message, file=sys.stderr)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ))
