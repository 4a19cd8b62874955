"""What flows bring to an app: their files, versions, limits that run out, and locks on records."""

from __future__ import annotations

from engine.room import DocumentKind, Room
from flows import versions
from flows.compile import compile_flows
from flows.locks import on_record
from flows.shape import flow_schema
from flows.timers import run_due

ROOM = Room(
    "flows",
    kinds=(DocumentKind(versions.KIND, "flows", flow_schema, compile_flows),),
    subscribers=(on_record,),
    due=(run_due,),
    prepare=versions.publish,
)
