"""Imports: a workbook becomes records through the same door as one that a person types, or not at all."""

from forms.imports.batches import Batch, apply, get, preview, put, recent, undo
from forms.imports.plan import Mistake, Plan, plan
from forms.imports.sheets import Sheet, read

__all__ = ["Batch", "Mistake", "Plan", "Sheet", "apply", "get", "plan", "preview", "put", "read", "recent", "undo"]
