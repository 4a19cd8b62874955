"""Built files: cached for ever under their hashed names, sent packed where the browser can unpack."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, Response, request

from engine.errors import NotFound
from ui.assets import BUILT, manifest
from ui.web.access import access

blueprint = Blueprint("static", __name__)


@blueprint.get("/static/<name>")
@access("public")
def built(name: str) -> Response:
    """One file of the manifest; nothing else in the folder is served."""
    if not any(entry["file"] == name and "gzip" in entry for entry in manifest()["files"].values()):
        raise NotFound("没有这个文件")
    packed = request.accept_encodings.quality("gzip") > 0
    content = (BUILT / (f"{name}.gz" if packed else name)).read_bytes()
    response = Response(content, content_type=f"{mimetypes.guess_type(name)[0]}; charset=utf-8")
    if packed:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    return response


@blueprint.get("/favicon.ico")
@access("public")
def favicon() -> Response:
    return Response(status=204, headers={"Cache-Control": "public, max-age=86400"})
