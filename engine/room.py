"""Room: what one folder brings to an app; the only door through which rooms meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import Problems
from engine.events import Event

if TYPE_CHECKING:
    from engine.app import App
    from engine.catalog import Catalog
    from engine.source import Document
    from engine.work import Work

Subscriber = Callable[["Work", Event], None]
JobHandler = Callable[["App", "Mapping[str, Any]", Any], None]  # app, payload, the claimed job
DueHandler = Callable[["App"], int]  # does what is due now, answers how much it did


@dataclass(frozen=True)
class DocumentKind:
    """One kind of file in an app folder, such as `forms/*.yaml`.

    `schema` answers the JSON Schema of one file; `compile` turns all files of the kind into living
    declarations by id and tells mistakes to `problems` instead of raising; `link` checks what
    refers to kinds that are compiled later. What has a `page` can stand in the menu.
    """

    name: str
    folder: str
    schema: Callable[[], Mapping[str, Any]]
    compile: Callable[[Catalog, Mapping[str, Document], Problems], Mapping[str, Any]]
    link: Callable[[Catalog, Problems], None] | None = None
    page: bool = False


@dataclass(frozen=True)
class Room:
    """What a room brings: kinds of documents, subscribers in order, handlers of jobs, work that falls due,
    and `prepare`, which brings the database in line with a newly published catalog."""

    name: str
    kinds: tuple[DocumentKind, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    due: tuple[DueHandler, ...] = ()
    prepare: Callable[[Work, Catalog | None, Catalog], None] | None = None
