"""Run: one action on one instance; moves tokens until every one of them waits. Touches nothing but the state."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import EvaluationError, GuijuError
from flows import returns
from flows.state import Fact, Message, Task, Token, Visit
from flows.steps.base import Follow, Step

if TYPE_CHECKING:
    from flows.flow import Flow
    from flows.state import State
    from flows.steps.approve import Approve
    from flows.steps.copy import Copy
    from flows.store import Store
    from flows.world import World

MAX_MOVES = 200
OUTCOMES = {"approved": "已通过", "rejected": "已拒绝", "withdrawn": "已撤回", "terminated": "已终止"}


class Run:
    """The interpreter. `state` holds what is alive, `world` answers about record and people, `store` about the past."""

    def __init__(self, flow: Flow, state: State, world: World, store: Store) -> None:
        self.flow, self.state, self.world, self.store = flow, state, world, store
        self._queue: deque[tuple[Token, Follow, bool]] = deque()

    @property
    def now(self) -> datetime:
        return self.world.now

    def fact(
        self,
        type: str,
        *,
        step: str | None = None,
        visit: Visit | None = None,
        task: Task | None = None,
        actor: tuple[int | None, str] | None = None,
        **payload: Any,
    ) -> Fact:
        """Add one line to the story."""
        fact = Fact(type, step, visit, task, actor=actor, payload=payload)
        self.state.facts.append(fact)
        return fact

    def approve(self, step: str) -> Approve:
        """The step of people with this id."""
        found = self.flow.steps[step]
        assert found.human
        return found  # type: ignore[return-value]

    def tell(self, people: Sequence[int], title: str, body: str = "", task: Task | None = None) -> None:
        """Have people told once the action is written."""
        if people:
            self.state.messages.append(Message(list(people), title, body, task))

    def go(self, token: Token, follow: Follow, *, returned: bool = False) -> None:
        """Send a token on; `returned` marks a step that is entered because somebody sent it back."""
        self._queue.append((token, follow, returned))

    def leave(self, token: Token, step: Step) -> None:
        """The step is done: go where the program leads."""
        if self.state.instance.live:
            self.go(token, step.after)

    def drain(self) -> None:
        """Move until every token waits; what cannot go on is parked as an incident, the others are not affected."""
        moves = 0
        while self._queue and self.state.instance.live:
            token, follow, returned = self._queue.popleft()
            if token.status not in ("active", "stuck"):
                continue
            moves += 1
            try:
                if moves > MAX_MOVES:
                    raise EvaluationError(f"超过 {MAX_MOVES} 步仍未停下, 请检查流程是否循环")
                self._move(token, follow, returned)
            except GuijuError as error:
                self.stop(token, follow.step or token.step, str(error))
        self._queue.clear()

    def _move(self, token: Token, follow: Follow, returned: bool) -> None:
        token.status = "active"
        if follow.kind == "end":
            self.finish("approved")
        elif follow.kind == "join":
            self.join(token)
        else:
            step = self.flow.steps[follow.step]
            token.step = step.id
            step.enter(self, token, returned=returned)

    def retry(self, token: Token) -> None:
        """Let a parked token try its step again."""
        token.status = "active"
        self.go(token, Follow("step", token.step))

    def stop(self, token: Token, step: str, text: str) -> None:
        """Park a token where it stands; an admin puts the cause right and retries."""
        token.status, token.step = "stuck", step
        self.state.instance.incident = text
        self.state.incidents.append((step, text))
        self.fact("incident", step=step, text=text)
        self.tell(
            [one.person_id for one in self.world.admins() if one.person_id],
            f"流程停住: {self.state.instance.title}",
            text,
        )

    def fork(self, token: Token, block: str, branches: Sequence[int]) -> list[Token]:
        """Split a token into one for each branch; it waits for exactly these."""
        token.status, token.step = "forked", block
        token.pending = token.branches = len(branches)
        token.failed = 0
        children = [Token(token, branch, block, before=token.before, last=token.last) for branch in branches]
        self.state.tokens.extend(children)
        return children

    def join(self, token: Token, *, failed: bool = False) -> None:
        """A branch has arrived; the last one moves the block on."""
        parent = token.parent
        if parent is None:
            raise EvaluationError("a token that was never split cannot arrive at a join")
        token.status = "done"
        parent.pending -= 1
        parent.failed += failed
        parent.last, parent.before = token.last, token.before
        if parent.pending:
            return
        parent.status = "active"
        block = self.flow.steps[parent.step]
        self.fact("joined", step=block.id, failed=parent.failed, branches=parent.branches)
        if parent.failed == parent.branches:
            self.reject(parent, block)
        else:
            self.leave(parent, block)

    def reject(self, token: Token, step: Step) -> None:
        """The step ended with a rejection: it is sent back, ends its branch, or ends the flow."""
        target = getattr(step, "reject_to", None)
        if target is not None:
            returns.send_back(self, token, step, target)
        elif token.parent is not None and not getattr(self.flow.steps[token.parent.step], "ends_flow", True):
            self.join(token, failed=True)
        else:
            self.finish("rejected")

    def finish(self, outcome: str, reason: str = "") -> None:
        """End the instance; whatever is still open goes with it, and the steps under `finally` run."""
        instance = self.state.instance
        closed = self.cancel(self.state.root, f"流程已结束: {outcome}")
        self.state.root.status = "done"
        instance.status, instance.ended_at = outcome, self.now
        instance.incident = None
        self.fact("ended", outcome=outcome, reason=reason, tasks=closed)
        if instance.starter_id is not None and instance.starter_id != self.world.actor:
            self.tell([instance.starter_id], f"{OUTCOMES[outcome]}: {instance.title}", reason)
        for step in self.flow.tail:
            try:
                step.enter(self, self.state.root)
            except GuijuError as error:
                self.state.incidents.append((step.id, str(error)))
                self.fact("incident", step=step.id, text=str(error))

    def cancel(self, under: Token, reason: str) -> list[Task]:
        """Take back everything alive at and below a token, which itself stays; answers the tasks that went."""
        closed: list[Task] = []
        for token in self.state.tokens:
            if token is not under and token.within(under) and token.status in ("active", "forked", "stuck"):
                token.status = "cancelled"
        for visit in self.state.visits:
            if visit.status == "open" and visit.token.within(under):
                visit.status, visit.left_at = "cancelled", self.now
                closed.extend(self.close_tasks(visit, reason))
        return closed

    def close_tasks(self, visit: Visit, reason: str) -> list[Task]:
        """Cancel the tasks of a visit that nobody has done, and the visits of signers that their holders added."""
        closed = []
        for task in list(self.state.live_tasks(visit)):
            task.status, task.reason, task.closed_at = "cancelled", reason, self.now
            task.next_timer_at = None
            visit.live -= 1
            closed.append(task)
            for inner in self.state.visits:
                if inner.parent_task is task and inner.status == "open":
                    inner.status, inner.left_at = "cancelled", self.now
                    closed.extend(self.close_tasks(inner, reason))
        return closed

    def copy(self, step: Copy) -> None:
        """Let people read and know; who has had a copy gets no second one unless the step says so."""
        had = self.store.copied(self.state.instance.id) | set(self.state.copied)
        people = [one for one in self.world.people(step.to) if one.person_id is not None]
        told = [one.person_id for one in people if step.again or one.person_id not in had]
        self.state.copied.update({id: step.id for id in told if id is not None and id not in had})
        self.fact("copied", step=step.id, people=told)
        status = self.state.instance.status
        ended = f" ({OUTCOMES[status]})" if status in OUTCOMES else ""
        words = step.message.render(self.world.env) if step.message else ""
        self.tell(
            [id for id in told if id is not None],
            f"抄送: {self.state.instance.title}{ended}",
            words,
        )
