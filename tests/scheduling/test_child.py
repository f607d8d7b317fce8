"""A session is a process: its lines are heard, its report is read, its end is told once."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

import pytest

from td_line_connectors.errors import StoreError
from td_line_connectors.scheduling.child import ChildEnded, Launch, ProcessLauncher, Told

LAUNCH = Launch("a.dig", Path("a.dig"), datetime(2026, 11, 21, tzinfo=UTC), "20261121T073000-4f09c2")
TASKS = [
    {"rows": {"read": 3, "written": 2, "invalid": 1}, "error": None},
    {"rows": {"read": 4, "written": 0, "invalid": 0}, "error": {"kind": "refused", "message": "no such token"}},
]


def run(code: str) -> tuple[ChildEnded, list[str]]:
    """Run Python code as a session to its end; give the end, and what was heard."""
    heard: list[str] = []
    ended = SimpleQueue[ChildEnded]()
    launcher = ProcessLauncher(lambda _: [sys.executable, "-c", code], lambda _, line: heard.append(line))
    launcher.start(LAUNCH, ended.put)
    return ended.get(timeout=60), heard


def printing(document: object) -> str:
    return f"print({json.dumps(document)!r})"


def test_rows_of_all_tasks_are_added_up_and_the_first_error_is_told() -> None:
    end, _ = run(f"{printing({'run_id': 'x', 'tasks': TASKS})}; raise SystemExit(5)")
    assert end == ChildEnded(LAUNCH, 5, Told({"read": 7, "written": 2, "invalid": 1}, "no such token"))


def test_what_kept_it_from_beginning_is_told() -> None:
    end, _ = run(f"{printing({'error': {'kind': 'internal', 'message': 'out of luck'}})}; raise SystemExit(1)")
    assert end.told == Told({}, "out of luck")


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"tasks": 1}', '{"tasks": [{}]}', '{"tasks": [{"rows": 1}]}'])
def test_what_is_no_report_tells_nothing(text: str) -> None:
    end, _ = run(f"print({text!r})")
    assert end == ChildEnded(LAUNCH, 0, None)


def test_each_line_is_heard_before_the_end_is_told() -> None:
    _, heard = run(r"import sys; sys.stderr.buffer.write(b'one\ntwo \xff\n\nlast')")
    assert heard == ["one", "two \ufffd", "", "last"]


def test_both_streams_may_be_long() -> None:
    code = "import json, sys; sys.stderr.write('y' * 1000000); print(json.dumps({'tasks': [], 'more': 'x' * 1000000}))"
    end, heard = run(code)
    assert (end.told, [len(line) for line in heard]) == (Told({}, None), [1_000_000])


def test_a_signal_that_ends_it_is_an_exit_code_of_128_and_more() -> None:
    end, _ = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert end.exit_code == 137


def test_it_has_nothing_to_read() -> None:
    end, _ = run("import sys; raise SystemExit(len(sys.stdin.read()))")
    assert end.exit_code == 0


def test_it_is_asked_to_stop_by_sigterm() -> None:
    ended = SimpleQueue[ChildEnded]()
    up = SimpleQueue[str]()
    code = "import sys, time; print('up', file=sys.stderr, flush=True); time.sleep(60)"
    child = ProcessLauncher(lambda _: [sys.executable, "-c", code], lambda _, line: up.put(line)).start(
        LAUNCH, ended.put
    )
    up.get(timeout=60)
    child.terminate()
    assert ended.get(timeout=60).exit_code == 143


def test_one_that_ignores_sigterm_can_be_killed() -> None:
    ended, up = SimpleQueue[ChildEnded](), SimpleQueue[str]()
    deaf = "import signal, sys, time; signal.signal(15, signal.SIG_IGN)"
    code = f"{deaf}; print(file=sys.stderr, flush=True); time.sleep(60)"
    launcher = ProcessLauncher(lambda _: [sys.executable, "-c", code], lambda _, line: up.put(line))
    child = launcher.start(LAUNCH, ended.put)
    up.get(timeout=60)
    child.terminate()
    child.kill()
    assert ended.get(timeout=60).exit_code == 137


def test_what_it_leaves_running_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    (tmp_path / "left.py").write_text(
        "import os, time\nfor _ in range(400):\n    if not os.path.exists('done'):\n        time.sleep(0.05)\n"
        "open('over', 'w').close()\n"
    )
    start = "subprocess.Popen([sys.executable, 'left.py'], stdout=subprocess.DEVNULL)"
    end, _ = run(f"import os, subprocess, sys; os.chdir({str(tmp_path)!r}); {start}")
    is_over = (tmp_path / "over").exists()
    (tmp_path / "done").touch()
    assert (end.exit_code, is_over) == (0, False)


def test_a_program_that_cannot_be_started_is_told() -> None:
    launcher = ProcessLauncher(lambda _: ["/nowhere/td-line"], lambda _, line: None)
    with pytest.raises(StoreError, match=r"starting a process for a\.dig: No such file"):
        launcher.start(LAUNCH, lambda _: None)
