"""Upkeep: the engine as a room of its own, with the jobs it runs and the work that falls due."""

from __future__ import annotations

from engine import idempotency, outbox, trays
from engine.room import Room

ENGINE = Room("engine", jobs={"deliver": outbox.deliver}, due=(trays.sweep, idempotency.clean))
