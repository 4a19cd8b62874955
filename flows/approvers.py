"""Approvers: who signs a step for one record; the self rule first, then the empty rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import EvaluationError
from engine.who import Chosen

if TYPE_CHECKING:
    from flows.steps.approve import Approve
    from flows.world import World

IF_SELF = ("superior", "department_head", "skip", "allow")
IF_NOBODY = ("flow_admin", "superior", "agree", "reject", "block_submit")


@dataclass(frozen=True)
class Signer:
    """One signature: that of a person, or of whoever of a role takes it."""

    person: int | None
    why: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signers:
    """The signatures of a visit in order; `barred` may not give any of a pool.

    `verdict` is set where nobody is asked: `approve` or `reject`, and `note` says why.
    """

    signers: tuple[Signer, ...]
    barred: int | None = None
    verdict: str | None = None
    note: str = ""


def find(step: Approve, world: World, *, returned: bool = False) -> Signers:
    """Resolve the people of a step once, as it is entered. `returned`: nothing decides by itself after a return.

    Roles are pools: with `sign: any` one signature of whoever takes it; in a list of roles under another way
    of signing one signature for each role. A single role under `all` asks everybody who holds it.
    """
    people = world.people(step.who)
    starter = None if step.if_self == "allow" else world.instance.starter_id
    asked = any(one.person_id == starter for one in people) if starter is not None else False
    others = [one for one in people if one.person_id != starter]
    if asked and not others and step.if_self == "skip" and not returned:
        return Signers((), verdict="approve", note="审批人就是发起人, 自动通过")
    if step.pools and others:
        return Signers(_pools(step, world, starter if asked else None), starter if asked else None)
    if asked:
        people = others if others and step.if_self == "skip" else _instead(people, step, world, starter or 0)
    if not people:
        return _nobody(step, world, returned)
    return Signers(tuple(Signer(one.person_id, one.why) for one in people))


def _pools(step: Approve, world: World, barred: int | None) -> tuple[Signer, ...]:
    """One signature for each pool; a pool of one is that person."""
    found = []
    for roles in step.pools:
        holders = [id for id in world.pool(("role", role) for role in roles) if id != barred]
        label = "、".join(world.role_label(role) for role in roles)
        if len(holders) > 1:
            found.append(Signer(None, label, roles))
        else:
            person = holders[0] if holders else _fallback(step, world)
            found.append(Signer(person, label if holders else f"{label}没有可审批的人"))
    return tuple(found)


def _fallback(step: Approve, world: World) -> int:
    """Who signs for a pool that nobody else can sign for."""
    starter = world.instance.starter_id
    above = world.superior_of(starter) if starter is not None else None
    if above is not None:
        return above.id
    for one in world.admins():
        if one.person_id is not None and one.person_id != starter:
            return one.person_id
    raise EvaluationError(f"「{step.label}」没有审批人, 也没有流程管理员可以接手")


def _instead(people: list[Chosen], step: Approve, world: World, starter: int) -> list[Chosen]:
    """The list with the starter replaced by who stands above; each person once, order kept."""
    above = world.head_of(starter) if step.if_self == "department_head" else world.superior_of(starter)
    found: dict[int, Chosen] = {}
    for one in people:
        if one.person_id == starter:
            if above is None:
                continue
            one = Chosen(above.id, f"发起人不能审批自己的申请, 由{above.name}审批")
        if one.person_id is not None:
            found.setdefault(one.person_id, one)
    return list(found.values())


def _nobody(step: Approve, world: World, returned: bool) -> Signers:
    rule = step.if_nobody
    if rule in ("agree", "reject") and not returned:
        verdict = "approve" if rule == "agree" else "reject"
        return Signers((), verdict=verdict, note="没有审批人, 自动同意" if rule == "agree" else "没有审批人, 自动拒绝")
    found: list[Chosen] = world.people(step.instead)
    if rule == "superior" and world.instance.starter_id is not None:
        above = world.superior_of(world.instance.starter_id)
        found = [Chosen(above.id, "没有审批人, 由发起人的上级审批")] if above else []
    found = found or [Chosen(one.person_id, f"没有审批人, 由{one.why}处理") for one in world.admins()]
    if step.if_self != "allow":
        found = [one for one in found if one.person_id != world.instance.starter_id]
    if not found:
        raise EvaluationError(f"「{step.label}」没有审批人, 也没有流程管理员可以接手")
    return Signers(tuple(Signer(one.person_id, one.why) for one in found))
