"""The language: examples in docstrings are loaded, and every mistake is told at its place."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.errors import ConfigErrors, Problems
from flows.room import ROOM as FLOWS
from flows.steps import built_in, step_types
from forms.room import ROOM as FORMS
from tests.flows.conftest import FILES

KINDS = [*FORMS.kinds, *FLOWS.kinds]
BROKEN = Path(__file__).parent.parent / "errors"
built_in()


def load(root: Path, problems: Problems | None = None) -> Catalog:
    return Catalog.load(root, KINDS, problems)


@pytest.mark.parametrize("kind", list(step_types))
def test_the_example_of_a_kind_loads(kind: str, folder: Callable[[dict[str, str]], Path]) -> None:
    documented = textwrap.dedent((step_types[kind].__doc__ or "").partition("\n")[2])
    example = documented[documented.index(f"- {kind}:") :]
    flow = "label: 示例\nform: application\nsteps:\n" + textwrap.indent(textwrap.dedent(example), "  ")
    catalog = load(folder({**FILES, "flows/example.yaml": flow}))
    assert [step.name for step in catalog["flow"]["example"].tree] == [kind]


@pytest.mark.parametrize("broken", sorted(BROKEN.glob("flow_*.yaml")), ids=lambda path: path.stem)
def test_a_mistake_is_told_at_its_place(broken: Path, folder: Callable[[dict[str, str]], Path]) -> None:
    root = folder({**FILES, "flows/broken.yaml": broken.read_text(encoding="utf-8")})
    problems = Problems()
    try:
        load(root, problems)
        told = "\n".join(f"warning: {warning}" for warning in problems.warnings)
    except ConfigErrors as errors:
        told = str(errors)
    told = re.sub(r"\S*/flows/", "flows/", told) + "\n"
    assert told == broken.with_suffix(".txt").read_text(encoding="utf-8")


def test_the_shape_of_a_flow_is_a_schema(folder: Callable[[dict[str, str]], Path]) -> None:
    from jsonschema import Draft202012Validator

    from flows.shape import flow_schema

    Draft202012Validator.check_schema(flow_schema())
    item = flow_schema()["$defs"]["steps"]["items"]
    assert [rule["if"]["required"] for rule in item["allOf"]] == [[name] for name in step_types]
