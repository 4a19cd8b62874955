"""Imports in a scenario: a workbook of the app folder, or a table that is written in the step."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import InputError
from forms import imports
from ui.scenarios.acts.base import Act, act_types
from ui.scenarios.scenario import StepFailed

if TYPE_CHECKING:
    from ui.scenarios.names import Names
    from ui.scenarios.scenario import Step
    from ui.scenarios.stage import Stage

ROWS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
    "description": "表格, 第一行是列标题 / rows, headings first",
}


@act_types.register("import")
class Import(Act):
    """Import a file of the app folder, or rows with their headings first, all or none.

    - {as: li, import: {customer: sample/customers.xlsx}}
    - as: li
      import: {payment: [[核销应收, 回款金额], [AR-1, 100]]}
    """

    schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"anyOf": [{"type": "string", "description": "文件 / file of the app folder"}, ROWS]},
        "description": "表单 → 文件或表格 / form, then a file or a table",
    }
    options = {
        "key": {"type": "string", "description": "按此字段更新已有记录 / field by which records are found again"}
    }

    def link(self, names: Names, step: Step) -> None:
        for form in step.given:
            names.form(form, step.path(self.name, form))

    def perform(self, stage: Stage, step: Step) -> Sequence[str]:
        (form, what), *_ = step.given.items()
        data, file = self._bytes(stage, step, what)
        with stage.work(step.who) as work:
            batch, _ = imports.put(work, form, data, file, step.options.get("key"))
            try:
                imports.apply(work, batch.id)
            except InputError as error:
                plan = error.more.get("plan")
                told = [str(mistake) for mistake in plan.mistakes] if plan else []
                raise InputError({"file": told or [str(error)]}) from error
        return ()

    def _bytes(self, stage: Stage, step: Step, what: str | list[list[Any]]) -> tuple[bytes, str]:
        if isinstance(what, str):
            root = stage.folder.resolve()
            path = (root / what).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                raise StepFailed(f"the app folder has no file {what}", step.mark(self.name))
            return path.read_bytes(), path.name
        written = io.StringIO()
        csv.writer(written).writerows(["" if cell is None else cell for cell in row] for row in what)
        return written.getvalue().encode(), "rows.csv"
