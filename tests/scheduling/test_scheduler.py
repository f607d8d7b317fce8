"""The scheduler begins what is due, once, and says what became of everything else."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from td_line_connectors.issues import ValidationIssue
from td_line_connectors.report import RunStatus
from td_line_connectors.scheduling.agenda import Why
from td_line_connectors.scheduling.child import Told
from td_line_connectors.scheduling.events import (
    ClockWentBack,
    Firmness,
    SessionBegan,
    SessionCut,
    SessionEnded,
    SessionLeftOut,
    SessionsMissed,
    Stopping,
    Trouble,
    WorkflowBroken,
    WorkflowDropped,
    WorkflowOff,
    WorkflowOn,
    WorkflowScheduled,
)
from td_line_connectors.scheduling.scheduler import Message, Signalled
from td_line_connectors.scheduling.standing import SessionRecord
from td_line_connectors.storage.sqlite import open_writer
from tests.scheduling.conftest import NOON, World, report

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YORK, TAIPEI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Taipei")


def test_a_session_begins_at_its_moment_with_the_periods_beginning_as_its_time(world: World) -> None:
    world.write("members.dig", "daily>: 07:30:00", "Asia/Taipei")
    scheduler = world.started()

    world.turn(scheduler, datetime(2026, 11, 22, 7, 29, 59, tzinfo=TAIPEI), HOUR)
    assert world.children == []
    world.turn(scheduler, datetime(2026, 11, 22, 7, 30, tzinfo=TAIPEI))
    assert world.sessions() == ["members.dig 2026-11-22T00:00:00+08:00"]


def test_it_is_written_down_before_it_begins_and_its_end_afterwards(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.turn(scheduler, NOON + 10 * MINUTE)

    [child] = world.children
    [open_session] = world.store.open_sessions()
    assert (open_session.workflow, open_session.run_id) == ("a.dig", child.launch.run_id)
    assert open_session.session == child.launch.session

    world.end(scheduler, child, told=Told({"read": 3}, None))
    assert world.store.open_sessions() == []
    [ended] = world.told(SessionEnded)
    assert (ended.exit_code, ended.rows, ended.resumable) == (0, {"read": 3}, False)


@pytest.mark.parametrize(
    ("schedule", "begin", "expected"),
    [
        ("daily>: 02:30:00", "2027-03-13T12:00", ["03-14T00:00-0500 at 03:00-0400", "03-15T00:00-0400 at 02:30-0400"]),
        ("daily>: 02:30:00", "2027-11-06T12:00", ["11-07T00:00-0400 at 02:30-0500", "11-08T00:00-0500 at 02:30-0500"]),
        ("cron>: 30 2 * * *", "2027-03-13T12:00", ["03-14T03:00-0400 at 03:00-0400", "03-15T02:30-0400 at 02:30-0400"]),
        ("cron>: 30 1 * * *", "2027-11-06T12:00", ["11-07T01:30-0400 at 01:30-0400", "11-08T01:30-0500 at 01:30-0500"]),
    ],
)
def test_new_york_runs_once_on_the_days_of_a_change(
    world: World, schedule: str, begin: str, expected: list[str]
) -> None:
    world.now = datetime.fromisoformat(begin).replace(tzinfo=NEW_YORK).astimezone(UTC)
    world.write("a.dig", schedule, "America/New_York")
    scheduler = world.started()
    ran: list[str] = []
    for _ in range(96):
        world.turn(scheduler, world.now + HOUR / 2, HOUR / 2)
        while len(ran) < len(world.children):
            launch = world.children[-1].launch
            ran.append(f"{launch.session:%m-%dT%H:%M%z} at {world.now.astimezone(NEW_YORK):%H:%M%z}")
            world.end(scheduler, world.children[-1])
    assert ran == expected


def test_an_hourly_workflow_runs_23_and_25_times_on_the_days_of_a_change(world: World) -> None:
    world.write("a.dig", "hourly>: 30:00", "America/New_York")
    for day, hours in ((datetime(2027, 3, 14, tzinfo=NEW_YORK), 23), (datetime(2027, 11, 7, tzinfo=NEW_YORK), 25)):
        world.now, world.children = day.astimezone(UTC), []
        scheduler, end = world.started(), (day + DAY).astimezone(UTC)
        while world.now < end:
            world.turn(scheduler, world.now + HOUR / 2, HOUR / 2)
            if world.store.open_sessions():
                world.end(scheduler, world.children[-1])
        assert len(world.children) == hours


def test_workflows_run_side_by_side_and_one_workflows_sessions_one_after_the_other(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    world.write("b.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.turn(scheduler, NOON + 35 * MINUTE)
    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00", "b.dig 2026-11-21T12:10:00+00:00"]

    world.end(scheduler, world.children[0])
    assert world.sessions()[2:] == ["a.dig 2026-11-21T12:20:00+00:00"]


def test_skip_on_overtime_leaves_out_and_names_what_comes_due_meanwhile(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10\n  skip_on_overtime: true")
    scheduler = world.started()
    world.turn(scheduler, NOON + 25 * MINUTE)
    world.end(scheduler, world.children[0])
    world.turn(scheduler, NOON + 30 * MINUTE)

    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00", "a.dig 2026-11-21T12:30:00+00:00"]
    [left_out] = world.told(SessionLeftOut)
    assert (left_out.session, left_out.why) == (NOON + 20 * MINUTE, Why.OVERTIME)


def test_sessions_missed_while_no_scheduler_ran_are_named_once_and_not_run(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10", "Asia/Taipei")
    world.started()
    world.now += 25 * MINUTE
    for _ in range(2):
        world.started()

    [missed] = world.told(SessionsMissed)
    assert [each.isoformat() for each in missed.latest] == ["2026-11-21T20:10:00+08:00", "2026-11-21T20:20:00+08:00"]
    assert world.children == []


def test_a_restart_at_the_very_moment_misses_nothing(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    world.started()
    world.now += 10.5 * MINUTE
    world.started()
    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00"]


def test_skip_delayed_by_lets_a_restart_catch_up_so_far(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10\n  skip_delayed_by: 15m")
    world.started()
    world.now += 32 * MINUTE
    scheduler = world.started()
    world.end(scheduler, world.children[0])

    assert world.sessions() == ["a.dig 2026-11-21T12:20:00+00:00", "a.dig 2026-11-21T12:30:00+00:00"]
    [missed] = world.told(SessionsMissed)
    assert missed.latest == [NOON + 10 * MINUTE]


def test_a_new_workflow_has_missed_nothing(world: World) -> None:
    scheduler = world.started()
    world.turn(scheduler, NOON + 5 * MINUTE)
    world.write("a.dig", "minutes_interval>: 1")
    world.turn(scheduler, NOON + 6 * MINUTE)

    assert world.sessions() == ["a.dig 2026-11-21T12:06:00+00:00"]
    assert world.told(SessionsMissed) == []


def test_a_suspended_machine_misses_sessions_as_a_stopped_one(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.now += 8 * HOUR + 5 * MINUTE
    scheduler.look()

    [missed] = world.told(SessionsMissed)
    assert (missed.count, world.children) == (48, [])
    world.turn(scheduler, world.now + 5 * MINUTE)
    assert world.sessions() == ["a.dig 2026-11-21T20:10:00+00:00"]


def test_what_waits_still_waits_after_a_suspend(world: World) -> None:
    world.write("a.dig", "hourly>: 00:00")
    scheduler = world.started()
    world.turn(scheduler, NOON + 2 * HOUR, HOUR / 2)
    world.now += 4 * HOUR
    scheduler.look()
    world.end(scheduler, world.children[0])

    assert world.sessions() == ["a.dig 2026-11-21T13:00:00+00:00", "a.dig 2026-11-21T14:00:00+00:00"]


def test_a_clock_set_back_begins_no_session_twice_and_is_told(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.turn(scheduler, NOON + 10 * MINUTE)
    world.end(scheduler, world.children[0])
    world.now = NOON + 5 * MINUTE
    scheduler.look()
    world.turn(scheduler, NOON + 20 * MINUTE)

    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00", "a.dig 2026-11-21T12:20:00+00:00"]
    assert world.told(ClockWentBack) == [ClockWentBack(5 * MINUTE)]


def test_five_ends_with_exit_code_2_running_switch_off_until_somebody_switches_on(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    for each in range(1, 8):
        world.turn(scheduler, NOON + each * 10 * MINUTE)
        if len(world.children) == each:
            world.end(scheduler, world.children[-1], 2)
    assert len(world.children) == 5
    assert [each.workflow for each in world.told(WorkflowOff)] == ["a.dig"]

    again = world.started()
    assert len(world.told(WorkflowOff)) == 2
    world.turn(again, NOON + 80 * MINUTE)
    world.store.switch("a.dig", world.now, on=True)
    world.turn(again, NOON + 90 * MINUTE)
    assert world.told(WorkflowOn) == [WorkflowOn("a.dig")]
    assert world.sessions()[5:] == ["a.dig 2026-11-21T13:30:00+00:00"]
    assert world.told(SessionsMissed) == []


def test_a_workflow_switched_off_by_hand_runs_nothing_from_the_next_look_on(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.store.switch("a.dig", world.now, on=False)
    world.turn(scheduler, NOON + HOUR, 10 * MINUTE)
    assert (world.children, len(world.told(WorkflowOff))) == ([], 1)


def test_an_edited_file_takes_effect_without_a_restart(world: World) -> None:
    world.write("a.dig", "daily>: 20:00:00")
    scheduler = world.started()
    world.write("a.dig", "daily>: 12:05:00")
    world.turn(scheduler, NOON + 5 * MINUTE)

    assert world.sessions() == ["a.dig 2026-11-21T00:00:00+00:00"]
    assert [each.schedule for each in world.told(WorkflowScheduled)] == ["daily>: 20:00:00", "daily>: 12:05:00"]


def test_a_time_moved_into_the_past_waits_for_the_next_period(world: World) -> None:
    world.write("a.dig", "daily>: 20:00:00")
    scheduler = world.started()
    world.write("a.dig", "daily>: 11:00:00")
    world.turn(scheduler, NOON + 22 * HOUR, HOUR)
    assert world.children == []
    world.turn(scheduler, NOON + 23 * HOUR, HOUR)
    assert world.sessions() == ["a.dig 2026-11-22T00:00:00+00:00"]


def test_a_session_that_ran_is_not_run_again_at_its_new_hour(world: World) -> None:
    world.write("a.dig", "daily>: 12:05:00")
    scheduler = world.started()
    world.turn(scheduler, NOON + 5 * MINUTE)
    world.end(scheduler, world.children[0])
    world.write("a.dig", "daily>: 20:00:00")
    world.turn(scheduler, NOON + 9 * HOUR, HOUR)
    assert world.sessions() == ["a.dig 2026-11-21T00:00:00+00:00"]


def test_a_file_that_breaks_is_named_once_and_its_sessions_begin_so_that_they_can_fail(world: World) -> None:
    issue = ValidationIssue("a.dig", "yaml", "is no YAML")
    world.issues = lambda path: () if "td>" in path.read_text() else (issue,)
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    (world.folder / "a.dig").write_text("schedule: [")
    world.turn(scheduler, NOON + 10 * MINUTE)

    assert world.told(WorkflowBroken) == [WorkflowBroken("a.dig", (issue,), scheduled=True)]
    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00"]


def test_a_file_that_was_never_readable_is_named_and_not_scheduled(world: World) -> None:
    issue = ValidationIssue("a.dig", "yaml", "is no YAML")
    world.issues = lambda _path: (issue,)
    (world.folder / "a.dig").write_text("schedule: [")
    world.started()
    assert world.told(WorkflowBroken) == [WorkflowBroken("a.dig", (issue,), scheduled=False)]


def test_a_file_without_a_schedule_is_nobodys_business(world: World) -> None:
    world.issues = lambda _path: (ValidationIssue("a.dig", "shape", "has no task"),)
    (world.folder / "a.dig").write_text("timezone: UTC\n")
    world.started()
    assert world.events == []


def test_a_file_that_goes_takes_its_sessions_with_it(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    (world.folder / "a.dig").unlink()
    world.turn(scheduler, NOON + 20 * MINUTE)
    assert (world.children, world.told(WorkflowDropped)) == ([], [WorkflowDropped("a.dig")])


def test_a_file_that_comes_back_has_missed_nothing_meanwhile(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    (world.folder / "a.dig").unlink()
    world.turn(scheduler, NOON + 35 * MINUTE, MINUTE)
    world.write("a.dig", "minutes_interval>: 10")
    world.turn(scheduler, NOON + 40 * MINUTE)
    assert (world.sessions(), world.told(SessionsMissed)) == (["a.dig 2026-11-21T12:40:00+00:00"], [])


def begun_and_left(world: World) -> str:
    """Let a session begin and its scheduler vanish; give the run's id."""
    world.write("a.dig", "minutes_interval>: 10", "Asia/Taipei")
    world.turn(world.started(), NOON + 10 * MINUTE)
    world.now += 2 * MINUTE
    return world.children[0].launch.run_id


def test_a_session_cut_off_in_its_midst_is_named_with_its_run_and_not_begun_again(world: World) -> None:
    run_id = begun_and_left(world)
    world.history[run_id] = report(run_id, RunStatus.INTERRUPTED)
    for _ in range(2):
        world.started()

    [cut] = world.told(SessionCut)
    assert (cut.session.isoformat(), cut.run_id, cut.resumable) == ("2026-11-21T20:10:00+08:00", run_id, True)
    assert len(world.children) == 1


def test_a_session_whose_process_never_came_up_is_named_as_come_to_nothing(world: World) -> None:
    run_id = begun_and_left(world)
    del world.history[run_id]
    world.started()
    [cut] = world.told(SessionCut)
    assert (cut.resumable, len(world.children)) == (False, 1)


def test_a_process_that_is_only_just_starting_is_waited_for(world: World) -> None:
    run_id = begun_and_left(world)
    del world.history[run_id]
    world.now -= 1.5 * MINUTE
    scheduler = world.started()
    assert world.told(SessionCut) == []
    world.history[run_id] = report(run_id, RunStatus.SUCCESS)
    scheduler.look()
    [ended] = world.told(SessionEnded)
    assert ended.exit_code == 0


def test_a_session_that_outlived_its_scheduler_counts_as_running(world: World) -> None:
    run_id = begun_and_left(world)
    scheduler = world.started()
    world.turn(scheduler, NOON + 20 * MINUTE)
    assert len(world.children) == 1

    world.history[run_id] = report(run_id, RunStatus.ERROR, 4)
    scheduler.look()
    [ended] = world.told(SessionEnded)
    assert (ended.exit_code, ended.error, ended.resumable) == (4, "MAAC stayed away", True)
    assert world.sessions()[1:] == ["a.dig 2026-11-21T20:20:00+08:00"]


def test_what_cannot_be_written_down_does_not_begin_until_it_can(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.store.begin(SessionRecord("b.dig", NOON, "b", NOON), NOON)  # so that there is a table
    with closing(open_writer(world.store.path)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'no room'); END")
        world.turn(scheduler, NOON + 15 * MINUTE)
        assert (world.children, len(world.told(Trouble))) == ([], 1)

        connection.execute("DROP TRIGGER full")
    scheduler.look()
    assert world.sessions() == ["a.dig 2026-11-21T12:10:00+00:00"]


def test_what_cannot_be_read_is_told_once(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.store.path.write_bytes(b"nonsense" * 1000)
    world.turn(scheduler, NOON + 5 * MINUTE)
    assert ["schedule.sqlite" in each.message for each in world.told(Trouble)] == [True]


def test_a_process_that_cannot_be_started_is_an_end_with_exit_code_1(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.broken = "starting a process for a.dig: no memory"
    world.turn(scheduler, NOON + 10 * MINUTE)

    [ended] = world.told(SessionEnded)
    assert (ended.exit_code, ended.error) == (1, world.broken)
    assert world.store.open_sessions() == []


@pytest.mark.parametrize(("code", "resumable"), [(0, False), (2, False), (3, False), (4, True), (143, True)])
def test_the_end_says_whether_resume_goes_on_with_it(world: World, code: int, resumable: bool) -> None:  # noqa: FBT001 - a column of the table
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    world.turn(scheduler, NOON + 10 * MINUTE)
    world.end(scheduler, world.children[0], code)
    assert [each.resumable for each in world.told(SessionEnded)] == [resumable]


def test_a_scheduler_that_runs_for_months_forgets_old_sessions_but_the_last(world: World) -> None:
    world.write("a.dig", "daily>: 12:00:00")
    scheduler = world.started()
    for day in range(1, 4):
        world.turn(scheduler, NOON + day * DAY, DAY)
        world.end(scheduler, world.children[-1])
    world.write("a.dig", "daily>: 12:00:00\n  end: 2026-11-24")
    world.turn(scheduler, NOON + 200 * DAY, 20 * DAY)

    last = world.store.last_sessions()["a.dig"]
    assert last.session == NOON + 2.5 * DAY
    assert world.store.begin(replace(last, session=last.session - DAY), NOON)


def script(world: World, *messages: Message | None) -> list[float]:
    """Let a scheduler run until it ends by itself; each wait brings the next message. Gives the waits' lengths."""
    waits: list[float] = []
    scripted = iter(messages)

    def wait(seconds: float) -> Message | None:
        waits.append(seconds)
        world.now += timedelta(seconds=seconds)
        return world.mail.pop() if world.mail else next(scripted)

    world.scheduler().run(wait)
    return waits


def test_the_first_signal_ends_it_at_once_where_nothing_runs(world: World) -> None:
    world.write("a.dig", "daily>: 07:30:00")
    script(world, None, None, Signalled(15))
    assert world.told(Stopping) == [Stopping((), Firmness.WAIT)]
    assert world.store.standings()["a.dig"].through == NOON + timedelta(seconds=10)


def test_it_waits_no_longer_than_to_the_next_session(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    assert scheduler.look() == 5.0
    world.now = NOON + timedelta(seconds=598)
    assert scheduler.look() == 2.0


def test_the_first_signal_lets_a_running_session_end_and_begins_no_other(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 1")
    scheduler = world.started()
    world.turn(scheduler, NOON + MINUTE)
    scheduler.take(Signalled(15))
    world.turn(scheduler, NOON + 5 * MINUTE)

    assert [each.terminated for each in world.children] == [0]
    assert world.told(Stopping) == [Stopping(("a.dig",), Firmness.WAIT)]
    world.end(scheduler, world.children[0])
    assert len(world.told(SessionBegan)) == 1
    assert scheduler.stopped_by is None


def test_the_second_signal_ends_running_sessions_too(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 1")
    scheduler = world.started()
    world.turn(scheduler, NOON + MINUTE)
    scheduler.take(Signalled(2))
    scheduler.take(Signalled(15))
    assert [each.terminated for each in world.children] == [1]
    assert scheduler.stopped_by == 15


def test_the_third_signal_kills_a_session_that_does_not_end(world: World) -> None:
    world.write("a.dig", "hourly>: '00:00'")
    scheduler = world.started()
    world.turn(scheduler, NOON + HOUR)
    for _ in range(3):
        scheduler.take(Signalled(15))

    assert (world.children[0].terminated, world.children[0].killed, scheduler.stopped_by) == (1, 1, 15)
    assert [event.how for event in world.told(Stopping)] == ["wait", "end", "kill"]


def test_more_than_may_run_at_once_wait_and_what_is_due_longest_comes_first(world: World) -> None:
    world.at_once = 2
    world.write("a.dig", "hourly>: '00:00'")
    world.write("b.dig", "cron>: '59 * * * *'")
    world.write("c.dig", "cron>: '58 * * * *'")
    scheduler = world.started()
    world.turn(scheduler, NOON + HOUR)
    assert world.sessions() == [
        "c.dig 2026-11-21T12:58:00+00:00",
        "b.dig 2026-11-21T12:59:00+00:00",
    ]
    world.turn(scheduler, NOON + HOUR + timedelta(minutes=59))
    world.end(scheduler, world.children[0])
    world.end(scheduler, world.children[1])
    assert world.sessions()[2:] == [
        "a.dig 2026-11-21T13:00:00+00:00",
        "c.dig 2026-11-21T13:58:00+00:00",
    ]


def test_what_came_due_after_the_signal_is_missed_for_the_next_one(world: World) -> None:
    world.write("a.dig", "minutes_interval>: 10")
    scheduler = world.started()
    scheduler.take(Signalled(15))
    world.turn(scheduler, NOON + 15 * MINUTE)
    scheduler.roster.settle()
    world.started()
    [missed] = world.told(SessionsMissed)
    assert missed.latest == [NOON + 10 * MINUTE]


def test_a_link_to_nowhere_and_a_folder_named_so_do_no_harm(world: World, tmp_path: Path) -> None:
    world.issues = lambda _path: (ValidationIssue("x", "unreadable", "reading it"),)
    (tmp_path / "gone.dig").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.dig").mkdir()
    scheduler = world.started()
    scheduler.look()
    assert [each.workflow for each in world.told(WorkflowBroken)] == ["folder.dig", "gone.dig"]
