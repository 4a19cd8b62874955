"""The command line, verb by verb, as a person would type it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import inspect, text

from engine import keys, passwords, people
from engine.database import Database
from engine.principal import SYSTEM
from forms import records
from tests.ui.apisite import FILES, PEOPLE
from ui import serve
from ui.cli import main
from ui.compose import ROOMS, join_app, load_sample, open_app

Run = Callable[..., tuple[int, str, str]]
LEAVE = Path(__file__).parents[2] / "examples" / "leave"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GUIJU_DATABASE", raising=False)

    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def app_folder(folder: Callable[[dict[str, str]], Path]) -> Path:
    return folder(FILES)


@pytest.fixture
def filled(app_folder: Path, database: Database) -> Iterator[tuple[Path, str]]:
    """An app with people and a few records, and the URL of its database."""
    url = database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    app = open_app(app_folder, url)
    with app.work(SYSTEM) as work:
        people.load(work, PEOPLE)
        wang = people.principal(work, "wang")
        own = work.acting(wang, work.cause)
        records.save(own, "client", {"name": "=cmd|' /C calc'!A0", "limit": 1000})
        records.save(work, "client", {"name": "乙", "limit": 5, "secret": "x", "owner": None})
        gone = records.save(work, "client", {"name": "丙"})
        records.save(work, "deal", {"client": 1, "amount": 12.5, "kind": "a"})
        records.delete(work, "client", gone.id)
    app.close()
    yield app_folder, url


def test_check_tells_every_mistake_with_its_place(run: Run, app_folder: Path) -> None:
    assert run("check", app_folder)[0] == 0
    form = app_folder / "forms" / "deal.yaml"
    form.write_text(form.read_text().replace("type: money", "type: mony").replace("kind:   {type", "kind:   {typ"))
    status, out, err = run("check", app_folder)
    assert status == 2 and out == ""
    lines = err.splitlines()
    assert re.match(r".*forms/deal\.yaml:4:\d+: .*mony", lines[0]) and "hint: " in lines[1] and "money" in lines[1]
    assert any(re.match(r".*forms/deal\.yaml:6:\d+: ", line) for line in lines)
    assert lines[-1].endswith("mistakes")
    assert run("check", app_folder / "nowhere")[0] == 2


def test_fmt_writes_the_canonical_form_once(run: Run, app_folder: Path) -> None:
    path = app_folder / "roles.yaml"
    path.write_text(
        "# 角色\nsales:    {label:   '销售'}\nboss: {label: 主管, can: [sandbox, people]}\nguest: {label: 访客}\n"
    )
    assert run("fmt", path, "--check")[0] == 1
    assert run("fmt", path)[0] == 0
    assert path.read_text().startswith("# 角色\nsales:") and "  {label" not in path.read_text().split("\n")[1][8:]
    assert run("fmt", path, "--check") == (0, "", "")
    assert run("check", app_folder)[0] == 0
    (app_folder / "settings.yaml").write_text("a: [\n")
    (app_folder / "calendars").mkdir()
    (app_folder / "calendars" / "x.yaml").write_bytes(b"label: \xff\n")
    status, _, err = run("fmt", app_folder)
    assert status == 2 and re.search(r"settings\.yaml:\d+:\d+: ", err) and re.search(r"x\.yaml:1:8: ", err)


def test_publish_plans_and_then_does_it_once(run: Run, app_folder: Path) -> None:
    status, out, _ = run("publish", app_folder, "--plan")
    assert status == 0 and "add forms/client.yaml" in out and "add table client" in out and "is running" not in out
    assert "add table client" in run("publish", app_folder, "--note", "首次")[1]
    assert "nothing to change" in run("publish", app_folder, "--plan")[1]
    form = app_folder / "forms" / "client.yaml"
    form.write_text(form.read_text().replace("  owner:", "  phone:  {type: phone, label: 电话}\n  owner:"))
    out = run("publish", app_folder, "--plan")[1]
    assert "change forms/client.yaml" in out and "add column client.phone" in out
    form.write_text(form.read_text().replace("  limit:  {type: money, label: 额度, default: 0, min: 0}\n", ""))
    status, _, err = run("publish", app_folder)
    assert status == 2 and "client.yaml" in err


def test_web_and_worker_run_what_is_published_not_the_folder(app_folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.sqlite3"
    first = join_app(app_folder, url)
    (app_folder / "app.yaml").write_text((app_folder / "app.yaml").read_text().replace("1.0.0", "1.0.1"))
    assert join_app(app_folder, url).catalog.hash == first.catalog.hash
    assert open_app(app_folder, url).catalog.version == "1.0.1"
    assert join_app(app_folder, url).catalog.version == "1.0.1"


def test_a_login_and_a_key_are_made(run: Run, filled: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, url = filled
    monkeypatch.setattr("sys.stdin", io.StringIO("a long walk in the rain\n"))
    assert run("user", folder, "chen", "--name", "陈", "--role", "sales", "--database", url)[0] == 0
    status, out, _ = run("key", folder, "chen", "--scope", "read", "--database", url)
    assert status == 0
    app = join_app(folder, url)
    assert passwords.login(app, "chen", "a long walk in the rain", address="127.0.0.1")
    key = keys.check(app, out.strip())
    assert key and key.allows("read") and not key.allows("write")
    app.close()
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run("user", folder, "chen", "--database", url)[0] == 2
    status, _, err = run("key", folder, "nobody", "--database", url)
    assert status == 2 and "nobody" in err


def test_import_tells_the_cell_and_takes_all_or_nothing(run: Run, filled: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = filled
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("名称,额度\n甲一,10\n甲二,20.5\n", encoding="utf-8")
    bad.write_text("名称,额度\n甲三,10\n甲四,abc\n", encoding="utf-8")
    status, _, err = run("import", folder, "client", bad, "--database", url)
    assert status == 2 and "B3" in err and "abc" in err
    assert run("import", folder, "client", bad, "--check", "--database", url)[0] == 2
    assert "2 new" in run("import", folder, "client", good, "--check", "--database", url)[1]
    assert run("import", folder, "client", good, "--database", url)[:2] == (0, "2 new, 0 changed, 0 left out\n")
    assert run("import", folder, "client", good, "--database", url)[0] == 2, "the same file again"
    good.write_text("名称,额度\n甲一,11\n", encoding="utf-8")
    assert "1 changed" in run("import", folder, "client", good, "--key", "name", "--database", url)[1]
    assert "1 new" in run("import", folder, "client", bad, "--keep-good", "--database", url)[1]
    assert run("import", folder, "nothing", good, "--database", url)[0] == 2
    assert run("import", folder, "client", tmp_path / "none.csv", "--database", url)[0] == 2
    assert run("import", folder, "client", good, "--as", "gu", "--database", url)[0] == 2


def test_export_shows_no_more_than_its_reader_may_see(run: Run, filled: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = filled
    target = tmp_path / "clients.xlsx"
    assert run("export", folder, "client", "--to", target, "--database", url)[0] == 0
    book = CalamineWorkbook.from_path(target)
    rows = book.get_sheet_by_index(0).to_python()
    assert "机密" in rows[0] and len(rows) == 3
    assert (
        run("export", folder, "client", "--to", target, "--as", "wang", "--where", "limit > 1", "--database", url)[0]
        == 0
    )
    book = CalamineWorkbook.from_path(target)
    rows = book.get_sheet_by_index(0).to_python()
    assert "机密" not in rows[0] and [row[0] for row in rows[1:]] == ["=cmd|' /C calc'!A0"]
    assert any("limit > 1" in str(cell) for row in book.get_sheet_by_index(1).to_python() for cell in row)
    assert run("export", folder, "client", "--as", "wang", "--fields", "secret", "--database", url)[0] == 2
    assert run("export", folder, "client", "--as", "gu", "--database", url)[0] == 2
    assert run("export", folder, "client", "--where", "limit >", "--database", url)[0] == 2
    assert run("export", folder, "client", "--to", "x.pdf", "--database", url)[0] == 2


def test_a_cell_of_a_csv_never_runs(run: Run, filled: tuple[Path, str], tmp_path: Path) -> None:
    from forms.csvtext import inert

    folder, url = filled
    target = tmp_path / "clients.csv"
    assert (
        run("export", folder, "client", "--to", target, "--fields", "name,used", "--sort", "id", "--database", url)[0]
        == 0
    )
    rows = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert rows == [["名称", "已用"], ["'=cmd|' /C calc'!A0", "12.50"], ["乙", "0.00"]]
    assert [inert(one) for one in ("=1", " +1", "-1", "@x", "\tx", "\rx", "a=1", "")] == [
        "'=1", "' +1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("field", "money"), "currency"), (("step", "approve"), "if_nobody"), (("action", "email"), "template"),
        (("widget", "gauge"), "target"), (("trigger", "daily"), "HH:MM"), (("who", "superiors"), "until"),
        (("setting", "bands"), "unit"), (("channel", "email"), "mail"), (("function", "days_between"), "2026-02-27"),
        ((), "field: address"), (("field",), "money"),
    ],
)  # fmt: skip
def test_explain_tells_what_can_be_written(run: Run, words: tuple[str, ...], told: str) -> None:
    status, out, _ = run("explain", *words)
    assert status == 0 and told in out


def test_explain_knows_every_type_that_can_be_written(run: Run) -> None:
    from ui.reference import page, sets

    for name, types in sets().items():
        assert types, name
        for one in types:
            assert page(name, one).startswith(f"{name} {one}: "), one
    status, _, err = run("explain", "field", "mony")
    assert status == 2 and "did you mean money?" in err
    assert run("explain", "feild")[0] == 2


def test_explain_says_why_a_rule_fired(run: Run, app_folder: Path, tmp_path: Path) -> None:
    (app_folder / "rules").mkdir()
    (app_folder / "rules" / "big.yaml").write_text(
        "label: 大额\nrecord: client\ntrigger: {changes: [limit]}\nwhen: limit > 100\nfire: once\n"
        'do:\n  - notify: {to: owner, text: "{{ name }}"}\n'
    )
    url = f"sqlite:///{tmp_path}/why.sqlite3"
    app = open_app(app_folder, url)
    with app.work(SYSTEM) as work:
        people.load(work, PEOPLE)
        owner = people.principal(work, "wang").id
        records.save(work, "client", {"name": "甲", "limit": 500, "owner": owner})
        records.save(work, "client", {"name": "乙", "limit": 50, "owner": owner})
    app.close()
    status, out, _ = run("explain", app_folder, "rule", "big", 1, "--database", url)
    assert status == 0 and "the condition holds" in out and "500" in out and "fired" in out
    out = run("explain", app_folder, "rule", "big", 2, "--database", url)[1]
    assert "does not hold" in out and "never fired" in out
    for wrong in (("none", 1), ("big", 99), ("big", "x")):
        assert run("explain", app_folder, "rule", *wrong, "--database", url)[0] == 2


def test_schema_is_json_schema(run: Run) -> None:
    from jsonschema import Draft202012Validator

    for kind in json.loads(run("schema")[1]):
        Draft202012Validator.check_schema(json.loads(run("schema", kind)[1]))
    status, _, err = run("schema", "forn")
    assert status == 2 and "form" in err


def counted(url: str) -> dict[str, int]:
    database = Database(url)
    with database.read() as connection:
        found = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in inspect(connection).get_table_names()
        }
    database.close()
    return found


def test_a_backup_fills_an_empty_database_of_either_kind(
    run: Run, filled: tuple[Path, str], tmp_path: Path, postgres_server: str
) -> None:
    folder, url = filled
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        admin.execute("CREATE DATABASE restored")
    postgres_url = postgres_server.replace("/postgres?", "/restored?", 1)
    file = tmp_path / "backup.zip"
    assert run("backup", folder, file, "--database", url)[0] == 0
    assert file.stat().st_mode & 0o077 == 0
    for target in (f"sqlite:///{tmp_path}/restored.sqlite3", postgres_url):
        status, out, err = run("restore", folder, file, "--database", target)
        assert status == 0 and "all counts match" in out, err
        assert {name: n for name, n in counted(target).items() if n} == {
            name: n for name, n in counted(url).items() if n
        }
        assert run("restore", folder, file, "--database", target)[0] == 2, "it is not empty any more"
        app = join_app(folder, target)
        with app.work(SYSTEM) as work:
            found = records.get(work, "client", 1)
            assert found["used"] == 12.5 and found["owner"] == people.principal(work, "wang").id
            assert people.principal(work, "wang").superior == people.principal(work, "li").id
            assert records.save(work, "client", {"name": "丁"}).id == 4, "no id is given twice"
            from engine import seals

            assert not seals.verify(work)
        app.close()


def test_a_backup_keeps_what_no_form_has_any_more(run: Run, filled: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = filled
    form = folder / "forms" / "client.yaml"
    form.write_text(form.read_text().replace("  secret: {type: text, label: 机密, read: [boss], write: [boss]}\n", "")
                    + "removed: {secret: {data: keep}}\n")  # fmt: skip
    assert run("publish", folder, "--database", url)[0] == 0
    file, target = tmp_path / "b.zip", f"sqlite:///{tmp_path}/r.sqlite3"
    assert run("backup", folder, file, "--database", url)[0] == 0
    assert run("restore", folder, file, "--database", target)[0] == 0
    with sqlite3.connect(tmp_path / "r.sqlite3") as raw:
        assert raw.execute("SELECT secret FROM client WHERE name = '乙'").fetchone() == ("x",)
    raw.close()


def test_a_damaged_backup_leaves_the_database_empty(run: Run, filled: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = filled
    file, target = tmp_path / "b.zip", tmp_path / "r.sqlite3"
    run("backup", folder, file, "--database", url)
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no zip", whole[:3000] + b"\x00" * 64 + whole[3064:]):
        file.write_bytes(damaged)
        status, _, err = run("restore", folder, file, "--database", f"sqlite:///{target}")
        assert status == 2 and "no backup" in err
        assert not counted(f"sqlite:///{target}")
    assert run("restore", folder, tmp_path / "none.zip", "--database", f"sqlite:///{target}")[0] == 2


def test_the_sample_is_loaded_once_with_a_login_for_every_role(app_folder: Path, tmp_path: Path) -> None:
    sample = app_folder / "sample"
    sample.mkdir()
    (sample / "people.yaml").write_text(
        "people:\n  li: {name: 李, roles: [boss]}\n  wang: {name: 王, roles: [sales], superior: li}\n"
    )
    (sample / "load.yaml").write_text("- {today: 2026-03-01}\n- {form: client, file: clients.csv}\n")
    (sample / "clients.csv").write_text("名称,负责人\n甲,王\n", encoding="utf-8")
    app = open_app(app_folder, f"sqlite:///{tmp_path}/s.sqlite3", sandbox=True)
    told = "\n".join(load_sample(app, app_folder))
    password = re.search(r"password (\S+)", told)
    assert password and "wang" in told and "销售" in told
    assert passwords.login(app, "wang", password[1], address="127.0.0.1")
    with app.work(SYSTEM, read=True) as work:
        assert work.today.isoformat() == "2026-03-01"
        assert records.find(work, "client").rows[0]["owner"] == people.principal(work, "wang").id
    assert "there already" in load_sample(app, app_folder)[0]
    app.close()
    again = join_app(app_folder, f"sqlite:///{tmp_path}/s.sqlite3")
    with again.work(SYSTEM, read=True) as work:
        assert work.today.isoformat() == "2026-03-01", "a sandbox stays one"
    again.close()


def test_a_wrong_sample_is_told_and_nothing_is_loaded(app_folder: Path, tmp_path: Path, run: Run) -> None:
    sample = app_folder / "sample"
    sample.mkdir()
    (sample / "people.yaml").write_text("people: {li: {name: 李, roles: [boss]}}\n")
    (sample / "load.yaml").write_text("- {form: client, file: clients.csv}\n")
    (sample / "clients.csv").write_text("名称,额度\n甲,abc\n", encoding="utf-8")
    status, _, err = run("run", app_folder, "--sample", "--database", f"sqlite:///{tmp_path}/s.sqlite3")
    assert status == 2 and "clients.csv" in err and "abc" in err
    app = join_app(app_folder, f"sqlite:///{tmp_path}/s.sqlite3")
    with app.work(SYSTEM, read=True) as work:
        assert not people.everyone(work)
    app.close()


def test_an_app_is_served_and_works_in_the_background(tmp_path: Path) -> None:
    import socket

    from engine import jobs

    ran = threading.Event()
    app = open_app(LEAVE, f"sqlite:///{tmp_path}/served.sqlite3")
    app.handlers["ping"] = lambda *_: ran.set()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serve.background(app):
        thread = threading.Thread(target=serve.web, args=(app, "127.0.0.1", port), daemon=True)
        thread.start()
        with app.work(SYSTEM) as work:
            jobs.put(work, "ping", {}, key="p")
        assert ran.wait(10)
        for _ in range(50):
            try:
                with urlopen(f"http://127.0.0.1:{port}/login", timeout=5) as answer:
                    assert answer.status == 200 and "Server" not in answer.headers
                break
            except OSError:
                threading.Event().wait(0.1)
        else:
            pytest.fail("nothing listens")
        serve_closed(port)


def serve_closed(port: int) -> None:
    """Look at the API through the real server, too."""
    from urllib.error import HTTPError

    with pytest.raises(HTTPError) as refused:
        urlopen(f"http://127.0.0.1:{port}/api/v1/tasks", timeout=5)
    assert refused.value.code == 401
    refused.value.close()


@pytest.mark.parametrize("words", [(), ("nope",), ("check",), ("run", "a", "--port", "x"), ("--version",)])
def test_wrong_words_end_with_status_two(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        ("nonsense", 2, "no address"),
        ("mysql://x/y", 2, "sqlite or postgresql"),
        ("sqlite:////no/such/place.db", 1, "open"),
    ],
)
def test_a_database_that_is_not_there_is_told(run: Run, app_folder: Path, url: str, status: int, told: str) -> None:
    found, _, err = run("publish", app_folder, "--database", url)
    assert found == status and told in err and "Traceback" not in err


def test_rooms_of_the_command_are_those_of_the_product() -> None:
    assert [room.name for room in ROOMS][:4] == ["forms", "flows", "rules", "reports"]
