"""Files: an attachment, handed out as a download and never shown in our own origin."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from forms import blobs
from ui.web.access import access
from ui.web.unit import reading
from ui.web.values import row_id

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<id>")
@access("person")
def get(id: str) -> ResponseReturnValue:
    with reading() as work:
        blob = blobs.read(work, row_id(id))
    response = Response(blob.content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"file\"; filename*=UTF-8''{quote(blob.attachment.name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
