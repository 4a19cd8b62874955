"""What forms bring to an app: their files, and tables that fit them."""

from __future__ import annotations

from engine.catalog import Catalog
from engine.room import DocumentKind, Room
from engine.work import Work
from forms import migrations
from forms.guards import link_flows
from forms.imports import batches  # noqa: F401  its table is one of ours
from forms.linking import compile_forms
from forms.shape import form_schema


def prepare(work: Work, before: Catalog | None, catalog: Catalog) -> None:
    """Bring the tables in line with the catalog that is being published."""
    migrations.apply(work, catalog)


ROOM = Room(
    "forms", kinds=(DocumentKind("form", "forms", form_schema, compile_forms, link_flows, page=True),), prepare=prepare
)
