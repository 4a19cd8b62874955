"""The wheel holds exactly the six packages and the example apps as data, with the front end built."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = {"engine", "forms", "flows", "rules", "reports", "ui"}


def test_the_wheel_holds_what_users_need_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == PACKAGES
    assert "ui/examples/credit/app.yaml" in names
    assert any(name.startswith("ui/static/built/") and name.endswith(".css") for name in names)
    unwanted = [
        name
        for name in names
        if "node_modules" in name
        or name.startswith(("ui/frontend/", "tests/"))
        or (name.startswith("ui/examples/") and name.endswith(".py"))
    ]
    assert unwanted == []


def test_the_apps_contain_no_code() -> None:
    code = [
        path for path in (ROOT / "examples" / "credit").rglob("*") if path.suffix in (".py", ".js", ".html", ".sql")
    ]
    assert code == []


def test_no_room_knows_about_credit() -> None:
    words = ("credit_", "receivable", "dunning", "应收", "授信", "催收")
    told = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            outside_docstrings = _code_of(path)
            told += [f"{path}: {word}" for word in words if word in outside_docstrings]
    assert told == []


def _code_of(path: Path) -> str:
    """The module without its docstrings and comments, which may tell an example."""
    import ast

    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.unparse(tree)
