"""Blobs: the content of files, kept in the database; what a file is, its first bytes say, never its name."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, LargeBinary, String, Table, insert, select, update

from engine.errors import AccessDenied, InputError, NotFound
from engine.tables import Id, Instant, metadata
from forms import access, query
from forms.fields import BadValue
from forms.fields.file import Attachment, FileField
from forms.form import Field, Form
from forms.messages import say
from forms.scope import find_form

if TYPE_CHECKING:
    from engine.work import Work

table = Table(
    "g_file",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(255), nullable=False),
    Column("media", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("form", String(130), nullable=False),
    Column("field", String(64), nullable=False),
    Column("record_id", Id, index=True),  # empty until a record is saved with it
    Column("uploaded_by", Id),
    Column("uploaded_at", Instant, nullable=False),
)

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole"),
)
_OFFICE = {"word/": "wordprocessingml.document", "xl/": "spreadsheetml.sheet", "ppt/": "presentationml.presentation"}
_BAD_NAME = re.compile('[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069/\\\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class Blob:
    """A file with its content, as it is handed to a reader."""

    attachment: Attachment
    content: bytes
    sha256: str


def sniff(content: bytes) -> str | None:
    """The media type that the content shows; None when it is none that we keep."""
    for sign, media in _SIGNS:
        if content.startswith(sign):
            return media
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"PK\x03\x04"):
        return _zip(content)
    return "text/plain" if _is_text(content) else None


def _zip(content: bytes) -> str | None:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return None
    if "[Content_Types].xml" in names:
        for folder, media in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return f"application/vnd.openxmlformats-officedocument.{media}"
    return "application/zip"


def _is_text(content: bytes) -> bool:
    """Plain text in UTF-8 or GB18030 that no browser would take for a page."""
    start = content[:512].lstrip().lower()
    if b"\x00" in content or start.startswith((b"<!", b"<html", b"<?xml", b"<svg", b"<script")):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def clean_name(name: str) -> str:
    """A file name without paths, controls and characters that turn text around; its ending is kept."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = _BAD_NAME.sub("_", name).strip(" .") or "file"
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:120]}.{ending[:10]}" if dot and stem else name[:120]


def upload(work: Work, form: Form, field: Field, name: str, content: bytes) -> Attachment:
    """Keep an uploaded file until a record is saved with it. Raises InputError beside the field, and AccessDenied.

    Whether it may be written there is asked when it is saved: a step of a flow may allow what the form does not.
    """
    kind = field.type
    assert isinstance(kind, FileField)
    allowed = access.may(work.principal, form, "read") or access.may(work.principal, form, "create")
    if not allowed or not access.readable(work.principal, field):
        raise AccessDenied(say(work.principal.locale, "没有修改这条记录的权限"))
    locale, media = work.principal.locale, sniff(content)
    if not content:
        raise InputError({field.id: say(locale, "文件是空的")})
    if len(content) > kind.max_bytes:
        raise InputError({field.id: say(locale, "文件过大, 最多 {max} MB", max=kind.max_bytes // 1024 // 1024)})
    if media is None or media not in kind.media:
        raise InputError({field.id: say(locale, "不支持这种文件")})
    row: dict[str, Any] = {
        "name": clean_name(name), "media": media, "size": len(content), "content": content,
        "sha256": hashlib.sha256(content).hexdigest(), "form": form.id, "field": field.id,
        "uploaded_by": work.principal.id, "uploaded_at": work.now,
    }  # fmt: skip
    id = work.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return Attachment(id, row["name"], row["size"], media)


def claim(
    work: Work, form: Form, field: Field, record_id: int | None, given: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """The attachments as they were uploaded: by this actor for this field, or already on this record."""
    ids = [one.id for one in given]
    columns = (table.c.id, table.c.name, table.c.size, table.c.media, table.c.record_id, table.c.uploaded_by)
    here = select(*columns).where(table.c.id.in_(ids), table.c.form == form.id, table.c.field == field.id)
    found: dict[int, Attachment] = {}
    rows: list[Any] = list(work.execute(here))
    for id, name, size, media, owner, uploader in rows:
        mine = owner is None and (work.principal.system or uploader == work.principal.id)
        if mine or (owner is not None and owner == record_id):
            found[id] = Attachment(id, name, size, media)
    if len(found) < len(ids):
        raise BadValue("文件不存在或不可用")
    return tuple(found[id] for id in ids)


def attach(work: Work, record_id: int, given: tuple[Attachment, ...]) -> None:
    """Tie files to the record that was saved with them."""
    ids = [one.id for one in given]
    work.execute(update(table).where(table.c.id.in_(ids), table.c.record_id.is_(None)).values(record_id=record_id))


def read(work: Work, id: int) -> Blob:
    """A file, for whoever may see the field of the record that it hangs on; else NotFound."""
    row = work.execute(select(table).where(table.c.id == id)).mappings().first()
    if row is None:
        raise NotFound("没有这个文件")
    form = find_form(work.catalog["form"], row["form"])
    field = form.fields.get(row["field"]) if form else None
    if row["record_id"] is None:
        allowed = row["uploaded_by"] == work.principal.id
    else:
        allowed = bool(
            form and field and access.readable(work.principal, field) and query.visible(work, form.id, row["record_id"])
        )
    if not allowed and not work.principal.system:
        raise NotFound("没有这个文件")
    return Blob(Attachment(row["id"], row["name"], row["size"], row["media"]), row["content"], row["sha256"])
