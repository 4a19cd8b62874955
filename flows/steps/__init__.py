"""Steps: what a flow is made of. One file per kind; a list item begins with the kind and the id."""

from flows.steps.base import Case, Follow, Step, step_types

__all__ = ["Case", "Follow", "Step", "built_in", "step_types"]


def built_in() -> tuple[str, ...]:
    """The explicit list of built-in kinds; importing one registers it."""
    from flows.steps import approve, choose, copy, decide, parallel, update, wait

    return tuple(module.__name__ for module in (approve, choose, parallel, update, decide, copy, wait))
