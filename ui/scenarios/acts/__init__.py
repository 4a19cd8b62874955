"""Acts: what can happen in a step of a scenario. One family to a file."""

from ui.scenarios.acts import decisions, flows, imports, records, settings, tasks, time
from ui.scenarios.acts.base import Act, act_types

__all__ = ["Act", "act_types", "decisions", "flows", "imports", "records", "settings", "tasks", "time"]
