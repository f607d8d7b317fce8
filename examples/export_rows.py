"""Rows of your own become members in MAAC: the whole recipe, against the emulator on this machine.

    python examples/export_rows.py

With a real account, leave the emulator and `endpoint` out and give the account's token.
"""

from contextlib import closing

from td_line_connectors import Runtime, default_registry, export
from td_line_connectors.testing import MaacEmulator

ROWS = [
    {"line_uid": "U0123456789abcdef0123456789abcdef", "email": "ann@example.com", "tags": "vip, spring"},
    {"line_uid": "U0123456789abcdef0123456789abcdef", "mobile": "0912-345-678"},
    {"line_uid": "Ufedcba9876543210fedcba9876543210", "birthday": "1985"},
]


def main() -> None:
    """Export three rows of two people, and print where each row ended."""
    plugin = default_registry().output("line_via_crescendo")
    with MaacEmulator() as maac:
        settings = {
            "api_token": maac.token,
            "endpoint": maac.url,
            "data_object": "members",
            "import_key": "line_uid",
            "tags": "example",
        }
        with closing(plugin.connect(settings, Runtime())) as connector:
            report = export(ROWS, connector)
        for outcome, rows in report.rows.to_json().items():
            print(f"{outcome:>10} {rows}")
        for issue in report.tasks[0].issues:
            print(issue)
        print("MAAC holds", maac.account().members)


if __name__ == "__main__":
    main()
