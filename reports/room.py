"""What the reports room brings to an app."""

from __future__ import annotations

from engine.room import DocumentKind, Room
from reports.compile import compile_datasets, compile_reports
from reports.schema import dataset_schema, report_schema

ROOM = Room(
    name="reports",
    kinds=(
        DocumentKind("dataset", "datasets", dataset_schema, compile_datasets),
        DocumentKind("report", "reports", report_schema, compile_reports, page=True),
    ),
)
