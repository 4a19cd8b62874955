"""Build hook: the front end is built before the package, when its sources changed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _assets(root: str) -> ModuleType:
    """Load ui/assets.py by its path: the packages themselves are not importable while they are built."""
    spec = importlib.util.spec_from_file_location("guiju_assets", Path(root) / "ui" / "assets.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Set GUIJU_SKIP_ASSETS=1 to install the back end alone."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        assets = _assets(self.root)
        if os.environ.get("GUIJU_SKIP_ASSETS") or assets.fresh() or assets.system_node():
            return []
        return [assets.WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not os.environ.get("GUIJU_SKIP_ASSETS"):
            _assets(self.root).build()
