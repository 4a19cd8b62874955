"""Who acts: a person, an API key on a person's behalf, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Principal:
    """One actor of a unit of work; `id` is the person's row id, None for the system."""

    id: int | None
    login: str
    name: str
    roles: frozenset[str] = frozenset()
    department: str | None = None
    superior: int | None = None
    subordinates: frozenset[int] = field(default_factory=frozenset)  # all below, at any depth
    locale: str = "zh-CN"
    system: bool = False

    def has(self, *roles: str) -> bool:
        """True when the actor holds one of these roles; the system holds all."""
        return self.system or not self.roles.isdisjoint(roles)


SYSTEM = Principal(None, "system", "系统", system=True)
