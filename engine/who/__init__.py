"""Who: recipients and approvers, declared in YAML and found for one record."""

from engine.who.kind import Ask, Chosen, Kind, who_kinds
from engine.who.kinds.flow_admin import flow_admins
from engine.who.who import Who, compile_who, schema

__all__ = ["Ask", "Chosen", "Kind", "Who", "compile_who", "flow_admins", "schema", "who_kinds"]
