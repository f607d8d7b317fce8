"""Who is to be told is said once, and said right."""

from collections.abc import Callable

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.project.notification import Address, Notification
from td_line_connectors.project.project import Project
from td_line_connectors.secret import Secret

MakeProject = Callable[..., Project]

HOOK = """\
notify:
  on: always
  command: [mail-report, --to, ops]
  url: https://hooks.example.com/T1/${secret:hook.key}?v=2
  headers:
    Authorization: Bearer ${secret:hook.token}
"""


def notification(project: Project) -> Notification:
    assert project.notification is not None
    return project.notification


def test_nobody_is_told_unless_the_file_says_so(make_project: MakeProject) -> None:
    assert make_project("").notification is None
    assert make_project("notify:").notification is None


def test_what_the_file_says_is_read(make_project: MakeProject) -> None:
    found = notification(make_project(HOOK))

    assert (found.always, found.command) == (True, ("mail-report", "--to", "ops"))


def test_errors_alone_are_told_unless_the_file_says_otherwise(make_project: MakeProject) -> None:
    assert not notification(make_project("notify: {command: [page]}")).always
    assert not notification(make_project("notify: {on: error, command: [page]}")).always


def test_secrets_are_put_in_when_they_are_needed(make_project: MakeProject) -> None:
    project = make_project(HOOK, TD_LINE_SECRET_HOOK_KEY="k3y", TD_LINE_SECRET_HOOK_TOKEN="t0ken")
    address = notification(project).address(project.secrets)

    assert address == Address(Secret("https://hooks.example.com/T1/k3y?v=2"), {"Authorization": Secret("Bearer t0ken")})
    assert "k3y" not in repr(address) + repr(project)


def test_a_command_alone_has_no_address(make_project: MakeProject) -> None:
    project = make_project("notify: {command: [page]}")

    assert notification(project).address(project.secrets) is None


def test_every_missing_secret_is_named(make_project: MakeProject) -> None:
    project = make_project(HOOK)

    with pytest.raises(ConfigError, match=r"hook\.key") as caught:
        notification(project).address(project.secrets)
    assert [issue.code for issue in caught.value.issues] == ["missing_secret"] * 2


@pytest.mark.parametrize(
    ("key", "environ"),
    [
        ("url: http://hooks.example.com/", {}),
        ("url: https://ann:pw@hooks.example.com/", {}),
        ("url: hooks.example.com", {}),
        ("url: https://hooks.example.com/#x", {}),
        ("url: https://hooks.example.com/?a b", {}),
        ("url: ${secret:hook.key}", {"TD_LINE_SECRET_HOOK_KEY": "ftp://x/s3cret"}),
        ("url: https://hooks.example.com/${session_time}", {}),
        (
            "url: 'https://x.example.com'\n  headers: {X-Key: '${secret:hook.key}'}",
            {"TD_LINE_SECRET_HOOK_KEY": "s3cret\n"},
        ),
        ("url: 'https://x.example.com'\n  headers: {X-Key: 'é'}", {}),
    ],
)
def test_what_is_no_address_or_header_is_told_without_being_shown(
    make_project: MakeProject, key: str, environ: dict[str, str]
) -> None:
    project = make_project(f"notify:\n  {key}\n", **environ)

    with pytest.raises(ConfigError) as caught:
        notification(project).address(project.secrets)
    assert "s3cret" not in str(caught.value)
    assert str(caught.value).startswith("td-line.yml:")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/hook", "http://localhost/", "https://h.example.com/a?b=c&d=%20"]
)
def test_this_machine_may_be_told_without_encryption(make_project: MakeProject, url: str) -> None:
    project = make_project(f"notify: {{url: '{url}'}}")

    assert notification(project).address(project.secrets) == Address(Secret(url), {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notify: page", "must be a mapping with the keys on, command, url, headers"),
        ("notify: {}", "needs `command:`"),
        ("notify: {on: always}", "needs `command:`"),
        ("notify: {on: failure, command: [page]}", "must be one of error, always"),
        ("notify: {comand: [page]}", "Did you mean «command»?"),
        ("notify: {command: page --to ops}", "must be a list of texts"),
        ("notify: {command: [page, [x]]}", "must be a list of texts"),
        ("notify: {command: [page, '']}", "must be a list of texts"),
        ("notify: {command: [page, '${secret:hook.key}']}", "everybody on this machine can list"),
        ("notify: {url: [x]}", "must be an address"),
        ("notify:\n  url: # x\n", "has no value: nothing after the colon"),
        ("notify: {url: 'https://x.example.com', headers: [x]}", "must be a mapping of header names"),
        ("notify: {url: 'https://x.example.com', headers: {'X Y': z}}", "is no header that can be given here"),
        ("notify: {url: 'https://x.example.com', headers: {Host: z}}", "is no header that can be given here"),
        ("notify: {url: 'https://x.example.com', headers: {X: }}", "has no value"),
        ("notify: {command: [page], headers: {X: y}}", "has no effect without `url:`"),
        ("metrics_textfile: runs.txt", "must be a path that ends in .prom"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(make_project: MakeProject, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_project(text)

    assert said in str(caught.value)
    assert str(caught.value).startswith("td-line.yml:")


def test_a_textfile_is_named_from_the_projects_folder_on(make_project: MakeProject) -> None:
    project = make_project("metrics_textfile: figures/td-line.prom")

    assert project.metrics_textfile == project.folder / "figures" / "td-line.prom"
    assert str(make_project("metrics_textfile: /srv/x.prom").metrics_textfile) == "/srv/x.prom"
