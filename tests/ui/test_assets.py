"""The built front end: fresh, small, with nothing that names where it came from."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ui import assets

BUDGET = {"app.js": 30_000, "style.css": 12_000, "charts.js": 260_000}  # bytes, packed


def test_what_is_built_came_from_these_sources():
    assert assets.fresh()


@pytest.mark.parametrize(("name", "most"), BUDGET.items())
def test_a_page_stays_small(name, most):
    assert assets.manifest()["files"][name]["gzip"] < most


def test_the_lock_names_no_registry():
    lock = (assets.FRONTEND / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "http" not in lock.replace("https://opencollective.com", "").replace("https://github.com", "")
    packages = json.loads(lock)["packages"]
    assert all(entry.get("integrity") for path, entry in packages.items() if path)


def test_htmx_is_the_pinned_one():
    wanted = json.loads((assets.FRONTEND / "package.json").read_text())["dependencies"]
    assert wanted["htmx.org"] == "2.0.11"


def test_licences_travel_with_the_files():
    told = (assets.BUILT / "THIRD-PARTY.txt").read_text()
    assert all(name in told for name in ("echarts", "htmx.org", "idiomorph", "lucide-static"))


def test_a_change_of_the_sources_is_seen(tmp_path, monkeypatch):
    (tmp_path / "a.js").write_text("1")
    monkeypatch.setattr(assets, "FRONTEND", tmp_path)
    before = assets.fingerprint()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "b.js").write_text("2")
    assert assets.fingerprint() == before
    (tmp_path / "a.js").write_text("3")
    assert assets.fingerprint() != before
    assert not assets.fresh()


def test_without_node_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(assets, "wheel_node", lambda: None)
    with pytest.raises(assets.AssetsMissing, match=r"请安装 Node.js[\s\S]*install it"):
        assets.build(force=True)


def test_the_command_explains_itself():
    done = subprocess.run(
        [sys.executable, "-m", "ui.assets"], capture_output=True, text=True, cwd=assets.FRONTEND.parents[1]
    )
    assert done.returncode == 2
    assert "usage" in done.stderr
