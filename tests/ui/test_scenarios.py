"""Scenarios: a story is played, a difference is told with its place and reason, what was never tried is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from engine.catalog import Catalog
from engine.errors import ConfigError, ConfigErrors, EvaluationError, Problems, UnknownName
from engine.shape import check
from engine.source import read_text
from rules.actions import action_types
from ui.cli import main
from ui.compose import ROOMS, kinds
from ui.scenarios.acts import act_types
from ui.scenarios.checks import check_types
from ui.scenarios.compile import schema
from ui.scenarios.reference import reference
from ui.scenarios.runner import run

APP = {
    "app.yaml": "format: 1\napp: claims\nlabel: 报销\nversion: 1.0.0\ntimezone: Asia/Shanghai\ncurrency: CNY\n",
    "roles.yaml": "staff: {label: 员工}\nboss: {label: 主管}\nadmin: {label: 管理员, can: [settings, sandbox]}\n",
    "settings.yaml": "late_after: {label: 迟交天数, type: integer, default: 3, min: 1}\n",
    "forms/claim.yaml": """\
label: 报销单
title: "{{ name }}"
fields:
  name:   {type: text, label: 事由, required: true}
  amount: {type: money, label: 金额, required: true, min: 0.01}
  paid:   {type: money, label: 已付, default: 0}
  rest:   {type: money, label: 未付, compute: amount - paid}
  due:    {type: date, label: 期限}
  owner:  {type: person, label: 申请人, default: user}
  main:   {type: reference, label: 主单, form: claim}
  state:  {type: choice, label: 状态, options: {ok: 正常, late: 迟交}, default: ok, write: system}
  status:
    type: choice
    label: 审批
    options: {running: 审批中, returned: 退回, approved: 通过, rejected: 拒绝, withdrawn: 撤回}
    write: system
guards:
  small: {require: amount <= 1000, message: "超过上限 {{ money(amount - 1000) }}"}
  round: {require: paid <= amount, message: 付多了, otherwise: warn}
access:
  rows: {staff: owner == user, boss: all, admin: all}
  create: [staff, boss]
  update: [staff, boss]
  delete: [boss]
  import: [boss]
""",
    "flows/approval.yaml": """\
label: 报销审批
form: claim
start: {who: {role: staff}}
status: status
defaults: {withdraw: before_end}
steps:
  - approve: first
    label: 主管审批
    who: {role: boss}
    opinion: on_reject
    fields: {edit: [due]}
  - choose: by_amount
    cases:
      - when: amount > 100
        label: 大额
        steps: [{approve: second, label: 复核, who: {role: admin}, opinion: on_reject}]
      - otherwise: true
        label: 小额
        steps: []
finally:
  - copy: tell
    to: [starter]
""",
    "rules/late.yaml": """\
label: 迟交
record: claim
trigger: {daily: "08:00"}
when: rest > 0 and days_between(due, today()) > settings.late_after
do:
  - set: {fields: {state: late}}
  - task: {kind: chase, label: 催办, to: owner, text: "补交 {{ name }}"}
  - notify: {to: {role: boss}, title: 有人迟交, text: "{{ name }} 迟交"}
  - email: {to: "'box@example.com'", subject: "迟交 {{ name }}", body: 请补交}
on_exit: [{close_tasks: {reason: 已付清}}]
""",
    "rules/never.yaml": "label: 从不\nrecord: claim\ntrigger: {daily: '08:00'}\nwhen: amount > 5000\n"
    "do: [{notify: {to: owner, text: 太多}}]\n",
    "datasets/claims.yaml": """\
label: 报销
of: claim
dimensions: {state: {field: state}, status: {field: status}}
measures: {total: {label: 金额, sum: amount, format: money}}
""",
    "reports/board.yaml": """\
label: 看板
roles: [boss]
widgets:
  total: {type: number, label: 合计, show: claims.total}
  states: {type: bar, label: 按状态, show: claims.total, by: state}
layout: {columns: 12, rows: [[total 4, states 8]]}
""",
}
HEAD = """\
label: 故事
clock: 2026-03-02 09:00
people: {wang: {roles: [staff]}, he: {roles: [staff]}, li: {roles: [boss]}, xu: {roles: [boss]}, qian: {roles: [admin]}}
given:
  claim: {taxi: {name: 打车, amount: 50, due: 2026-03-02, owner: wang}}
then:
"""
Write = Callable[[dict[str, str]], Path]
Play = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def play(folder: Write) -> Play:
    """Play a story of these steps; the exit status and the lines told, with the file as it is called in the app."""

    def played(steps: str, head: str = HEAD, database_url: str | None = None) -> tuple[int, list[str]]:
        root = folder({**APP, "tests/story.yaml": head + steps})
        told: list[str] = []
        status = run(root, ROOMS, told.append, database_url=database_url)
        return status, [re.sub(r"\d+\.\d s", "0 s", line.replace(f"{root}/", "")) for line in told]

    return played


WHOLE = """\
  - as: wang
    start: {approval: {hotel: {name: 住宿, amount: 300, due: 2026-03-20}}}
    expect: {tasks: [{step: first, to: {role: boss}, of: claim.hotel}], flows: {claim.hotel: running}}
  - {as: wang, start: {approval: taxi}}
  - {as: li, claim: first, of: claim.taxi}
  - as: li
    transfer: first
    of: claim.taxi
    to: xu
    expect: {tasks: [{step: first, of: claim.hotel}, {step: first, to: xu, of: claim.taxi}]}
  - as: xu
    return: first
    of: claim.taxi
    to: start
    opinion: 附发票
    expect: {flows: {claim.taxi: returned}, claim.taxi.status: returned}
  - {as: wang, resubmit: start, values: {name: 打车去机场}, expect: {claim.taxi.name: 打车去机场}}
  - {as: wang, urge: claim.taxi}
  - {as: wang, withdraw: claim.taxi, expect: {claim.taxi.status: withdrawn, copies: [wang]}}
  - as: li
    approve: first
    values: {due: 2026-03-10}
    expect: {tasks: [{step: second, to: qian}], claim.hotel.due: 2026-03-10, copies: []}
  - {as: qian, reject: second, refused: 请填写拒绝原因}
  - as: qian
    reject: second
    opinion: 太贵
    expect: {flows: {claim.hotel: rejected}, tasks: [], copies: [wang]}
  - as: wang
    create: {claim: {meal: {name: 餐费, amount: 1000.01, owner: wang}}}
    refused: 超过上限 0.01
    expect: {rows: {claim: 2}}
  - as: wang
    update: {claim: {taxi: {paid: 51}}}
    warned: 付多了
    expect: {claim.taxi.rest: -1}
  - {as: wang, update: {claim: {taxi: {paid: 0}}}}
  - as: li
    import: {claim: [[事由, 金额, 申请人], [文具, 20, he], [书, 30, he]]}
    expect: {rows: {claim: {where: owner.login == 'he', count: 2}}}
  - find: {claim: {books: amount == 30}}
    expect: {claim.books.owner: he, claim.books.owner.name: he}
  - as: li
    update: {claim: {books: {main: taxi}}}
    expect: {claim.books.main: taxi, claim.books.main.name: 打车去机场}
  - {as: he, expect: {rows: {claim: 2}}}
  - {as: li, delete: claim.books, expect: {rows: {claim: 3}}}
  - {as: qian, change: {late_after: 2}}
  - advance: {to: 2026-03-04 23:00}
    expect: {claim.taxi.state: ok, mails: [], notices: [], tasks: []}
  - advance: {hours: 10}
    expect:
      claim.taxi.state: late
      tasks: [{kind: chase, to: wang, title: 机场}]
      notices: [{to: li, title: 有人迟交}, {to: xu, text: 机场}]
      mails: [{to: box@example.com, subject: 机场, text: 补交}]
      fired: {late: 1, never: 0}
  - {due: 3, expect: {mails: [], notices: [], fired: {late: 1}}}
  - {restart: true, expect: {mails: [], notices: [], fired: {late: 1}, tasks: [{kind: chase}]}}
  - {as: he, finish: chase, refused: 这不是你的待办}
  - {as: wang, finish: chase, note: 马上, expect: {tasks: []}}
  - advance: {days: 20}
    expect: {fired: {late: 2}, tasks: [{kind: chase, of: claim.hotel}]}
  - as: li
    expect: {widgets: {board.total: 370, board.states: {正常: 20, 迟交: 350}}}
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_a_whole_story(play: Play, server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres_url") if server == "postgresql" else None
    status, told = play(WHOLE, database_url=url)
    assert status == 0, "\n".join(told)
    assert told == [
        "ok   story  故事  0 s",
        "rules     1 of 2 fired; never: never",
        "branches  1 of 2 taken; never: approval.by_amount (小额)",
        "steps     2 of 2 decided",
        "guards    1 of 2 refused; never: claim.round",
        "roles     3 of 3 acted",
        "1 scenario, none failed, 0 s",
    ]
    assert status == 0
    if url:
        with psycopg.connect(url) as connection:
            left = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert left == (0,)


def test_a_database_with_something_in_it_is_left_alone(play: Play, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE precious (id integer)")
    with pytest.raises(ConfigError, match="the database is not empty"):
        play("  - {due: 1}\n", database_url=postgres_url)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM precious").fetchone() == (0,)


def test_sqlite_needs_no_url(play: Play, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="their own SQLite"):
        play("  - {due: 1}\n", database_url=f"sqlite:///{tmp_path}/x.sqlite3")


FAILURES = {
    "a value, with the rule that writes it": (
        "  - {advance: {days: 3}, expect: {claim.taxi.state: late}}\n",
        [
            "tests/story.yaml:7:53: claim.taxi.state: expected late, found ok",
            "  in step 1, advance days",
            "  rule late (迟交): fired 0 times for it",
        ],
    ),
    "a computed value, with its sum": (
        "  - {expect: {claim.taxi.rest: 49.99}}\n",
        [
            "tests/story.yaml:7:32: claim.taxi.rest: expected 49.99, found 50.00",
            "  in step 1, expect",
            "  amount - paid = 50.00",
        ],
    ),
    "a task that is not there, with the rule that would open it": (
        "  - {advance: {days: 3}, expect: {tasks: [{kind: chase, to: wang}]}}\n",
        [
            "tests/story.yaml:7:43: tasks: nothing like {kind: chase, to: wang}",
            "  in step 1, advance days",
            "  for claim.taxi:",
            "  rule late (迟交): fired 0 times for it",
        ],
    ),
    "a task too many": (
        "  - {advance: {days: 4}, expect: {tasks: []}}\n",
        [
            "tests/story.yaml:7:42: tasks: 1 more than expected",
            "  in step 1, advance days",
            "  found: {kind: chase, to: wang, of: claim.taxi, title: 补交 打车, label: 催办}",
        ],
    ),
    "a mail that nobody expected": (
        "  - {advance: {days: 4}, expect: {mails: []}}\n",
        ["tests/story.yaml:7:42: mails: 1 more than expected"],
    ),
    "a refusal that does not come": (
        "  - {as: wang, update: {claim: {taxi: {amount: 60}}}, refused: 不行}\n",
        ["tests/story.yaml:7:64: expected to be refused with '不行', but it went through"],
    ),
    "a refusal in other words": (
        "  - {as: wang, update: {claim: {taxi: {amount: 1001}}}, refused: 不行}\n",
        ["tests/story.yaml:7:66: expected to be refused with '不行', but the words are: : 超过上限 1.00"],
    ),
    "a refusal that nobody expected": (
        "  - {as: he, update: {claim: {taxi: {amount: 60}}}}\n",
        ["tests/story.yaml:7:22: refused: 记录不存在"],
    ),
    "a warning that does not come": (
        "  - {as: wang, update: {claim: {taxi: {paid: 1}}}, warned: 付多了}\n",
        ["tests/story.yaml:7:60: expected the warning '付多了', found []"],
    ),
    "no task to decide": (
        "  - {as: li, approve: first}\n",
        ["tests/story.yaml:7:5: no task at first", "  in step 1, li: approve first", "  no task is open"],
    ),
    "several tasks to decide": (
        "  - as: wang\n    start: {approval: {a: {name: 甲, amount: 1}}}\n  - as: wang\n"
        "    start: {approval: {b: {name: 乙, amount: 1}}}\n  - {as: li, approve: first}\n",
        ["tests/story.yaml:11:5: li has 2 tasks at first; say which with `of: form.name`"],
    ),
    "a count of rows": (
        "  - {as: he, expect: {rows: {claim: 1}}}\n",
        ["tests/story.yaml:7:37: rows of claim: expected 1, found 0"],
    ),
    "a count of firings": (
        "  - {advance: {days: 4}, expect: {fired: {late: 2}}}\n",
        ["tests/story.yaml:7:49: late fired: expected 2, found 1 times"],
    ),
    "a number of a report": (
        "  - {as: li, expect: {widgets: {board.total: 51, board.states: {正常: 1}}}}\n",
        [
            "tests/story.yaml:7:46: board.total: expected 51, found 50.00",
            "  in step 1, li: expect",
            "  board.states: expected {正常: 1}, found {正常: 50.00}",
        ],
    ),
    "a report that is closed to the reader": (
        "  - {as: wang, expect: {widgets: {board.total: 50}}}\n",
        ["tests/story.yaml:7:34: widgets: 没有报表 board"],
    ),
    "a copy": (
        "  - {as: wang, update: {claim: {taxi: {amount: 60}}}, expect: {copies: [wang]}}\n",
        ["tests/story.yaml:7:72: copies: expected [wang], found []"],
    ),
    "a flow": (
        "  - {expect: {flows: {claim.taxi: approved}}}\n",
        ["tests/story.yaml:7:35: the flow of claim.taxi: expected approved, found nothing"],
    ),
    "more than one record found": (
        "  - as: wang\n    create: {claim: {b: {name: 乙, amount: 50}}}\n  - {find: {claim: {x: amount == 50}}}\n",
        ["tests/story.yaml:9:24: claim where amount == 50: expected one record, found more than one"],
    ),
    "a file outside of the app": (
        "  - {as: li, import: {claim: ../../secret.csv}}\n",
        ["tests/story.yaml:7:22: the app folder has no file ../../secret.csv"],
    ),
    "time that runs backwards": (
        "  - {advance: {to: 2026-03-01 09:00}}\n",
        ["tests/story.yaml:7:20: the clock only moves forward"],
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_difference_is_told_with_its_place(play: Play, name: str) -> None:
    steps, expected = FAILURES[name]
    status, told = play(steps)
    assert status == 1
    assert told[0] == "FAIL story  故事  0 s"
    lines = [line.removeprefix("       ") for line in told[1:]]
    for line in expected:
        assert line in lines, "\n".join(told)
    assert told[-1] == "1 scenario, 1 failed, 0 s"


def test_why_a_rule_did_not_fire_is_told_part_by_part(play: Play) -> None:
    _, told = play("  - {advance: {days: 3}, expect: {claim.taxi.state: late}}\n")
    assert any("settings.late_after" in line and "3" in line for line in told), "\n".join(told)


def test_what_cannot_be_set_up_is_told(play: Play) -> None:
    status, told = play("  - {due: 1}\n", head=HEAD.replace("amount: 50", "amount: 5000"))
    assert status == 1
    assert "tests/story.yaml:4:1: cannot be set up: : 超过上限 4000.00" in told[1].replace("4,000.00", "4000.00")


def test_what_breaks_is_told_and_the_others_go_on(
    folder: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> list[str]:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(act_types["withdraw"], "perform", broken)
    bad, good = HEAD + "  - {as: wang, withdraw: claim.taxi}\n", HEAD + "  - {due: 1}\n"
    assert main(["test", str(folder({**APP, "tests/a.yaml": bad, "tests/b.yaml": good}))]) == 1
    told = capsys.readouterr().out
    assert "a.yaml:7:5: it broke: ZeroDivisionError: by nothing" in told
    assert "ok   b" in told


def test_a_rule_that_fails_fails_the_story(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise EvaluationError("no way")

    monkeypatch.setattr(action_types["notify"], "run", broken)
    status, told = play("  - {advance: {days: 4}, expect: {claim.taxi.state: late}}\n")
    assert status == 1
    assert told[1].strip() == "tests/story.yaml:7:15: something failed behind the scene"
    assert told[3].strip() == "rule late on claim.taxi: no way"


def test_nothing_leaves_the_house(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIJU_SMTP_URL", "smtp://127.0.0.1:1")
    status, told = play("  - {advance: {days: 4}, expect: {mails: [{to: box@example.com}]}}\n")
    assert status == 0, told


MISTAKES = {
    "label: 空\nclock: 2026-03-02 09:00\npeople: {}\nthen: []\n": ["4:7"],
    HEAD + "  - {as: wang, aprove: first}\n": ["7:16: there is no key 'aprove' here", "did you mean 'approve'?"],
    HEAD + "  - {as: wang, approve: first, create: {claim: {a: {name: x, amount: 1}}}}\n": [
        "7:32: 'approve' and 'create' in one step"
    ],
    HEAD + "  - {approve: first}\n": ["7:6: nobody does 'approve'"],
    HEAD + "  - {as: wang}\n": ["7:5: nothing happens in this step"],
    HEAD + "  - {as: wnag, approve: first}\n": ["there is no person in this scenario called 'wnag'", "'wang'?"],
    HEAD + "  - {as: wang, approve: frist}\n": ["7:25", "there is no step at which people decide called 'frist'"],
    HEAD + "  - {as: wang, create: {clam: {a: {name: x}}}}\n": ["there is no form 'clam'", "did you mean 'claim'?"],
    HEAD + "  - {as: wang, create: {claim: {a: {nmae: x}}}}\n": ["7:37", "'nmae'", "did you mean 'name'?"],
    HEAD + "  - {as: wang, create: {claim: {a: {main: taxy}}}}\n": ["called 'taxy'", "did you mean 'taxi'?"],
    HEAD + "  - {as: li, create: {claim: {taxi: {name: x, amount: 1}}}}\n": ["claim.taxi is there already"],
    HEAD + "  - {as: wang, update: {claim: {taxy: {name: x}}}}\n": ["called 'taxy'"],
    HEAD + "  - {expect: {claim.taxi.stat: ok}}\n": ["7:15: there is no field in form 'claim' called 'stat'"],
    HEAD + "  - {expect: {task: []}}\n": ["7:15: there is no key 'task' here", "did you mean 'tasks'?"],
    HEAD + "  - {expect: {tasks: [{kind: chaes}]}}\n": ["there is no kind of task 'chaes'", "did you mean 'chase'?"],
    HEAD + "  - {expect: {widgets: {board.totl: 1}}}\n": ["there is no widget in report 'board' called 'totl'"],
    HEAD + "  - {expect: {fired: {lte: 1}}}\n": ["there is no rule 'lte'", "did you mean 'late'?"],
    HEAD + "  - {as: qian, change: {late_aftr: 1}}\n": ["there is no setting 'late_aftr'", "'late_after'?"],
    HEAD + "  - {due: 1, opinion: 好}\n": ["7:14: 'opinion' means nothing beside due"],
    HEAD + "  - {expect: {rows: {claim: 1}}, refused: 不}\n": ["nothing happens here that could be refused"],
    HEAD + "  - {advance: {to: 2026-02-30 09:00}}\n": ["7:20: there is no time '2026-02-30 09:00'"],
    HEAD.replace("[staff]", "[staf]", 1) + "  - {due: 1}\n": ["there is no role 'staf'", "did you mean 'staff'?"],
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: text.splitlines()[-1].strip())
def test_the_author_is_told_where(folder: Write, text: str) -> None:
    with pytest.raises(ConfigErrors) as wrong:
        Catalog.load(folder({**APP, "tests/story.yaml": text}), kinds())
    told = str(wrong.value)
    assert "tests/story.yaml:" in told
    for words in MISTAKES[text]:
        assert words in told, told


@pytest.mark.parametrize("kind", [*act_types.values(), *check_types.values()], ids=lambda kind: kind.name)
def test_the_example_of_every_act_and_check_is_right(kind: type) -> None:
    example = (kind.__doc__ or "").partition("\n\n")[2]
    steps = "\n".join(line.removeprefix("    ") for line in example.splitlines())
    if not steps.startswith("- "):
        steps = f"- {steps}"
    text = f"label: x\nclock: 2026-03-02 09:00\npeople: {{}}\nthen:\n{steps}\n"
    problems = Problems()
    assert check(read_text(text, "example.yaml"), schema(), problems), problems.errors
    assert kind.name in text


def test_the_command_answers_with_its_status(folder: Write, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = HEAD + "  - {due: 1}\n", HEAD + "  - {expect: {rows: {claim: 5}}}\n"
    root = str(folder({**APP, "tests/good.yaml": good, "tests/bad.yaml": bad}))
    assert main(["test", root, "good"]) == 0
    assert "1 scenario, none failed" in capsys.readouterr().out
    assert main(["test", root]) == 1
    assert "2 scenarios, 1 failed" in capsys.readouterr().out
    assert main(["test", root, "god"]) == 2
    assert "did you mean 'good'?" in capsys.readouterr().err


def test_a_scenario_that_is_not_there(folder: Write) -> None:
    with pytest.raises(UnknownName, match="there is no scenario 'x'"):
        run(folder({**APP, "tests/story.yaml": HEAD + "  - {due: 1}\n"}), ROOMS, print, only=["x"])


def test_the_reference_is_what_the_types_say() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert reference() in page
