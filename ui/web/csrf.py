"""Cross-site requests: a write needs the session's token and must come from our own pages."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import request

from engine.errors import AccessDenied
from engine.sessions import form_token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODIES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
FIELD, HEADER = "csrf", "X-CSRF-Token"


def check_origin() -> None:
    """Refuse a write that another site made the browser send, or that hides where it comes from."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise AccessDenied("请求来自其他网站")
    if origin is not None:
        sent, own = urlsplit(origin), urlsplit(request.host_url)
        if (sent.scheme, sent.netloc) != (own.scheme, own.netloc):
            raise AccessDenied("请求来自其他网站")
    if site is None and origin is None:
        raise AccessDenied("请求没有说明来源")


def check_token(secret: str) -> None:
    """Refuse a write whose token is missing or belongs to another session."""
    if request.content_length and request.mimetype not in BODIES:
        raise AccessDenied("不支持的请求内容")
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not secret or not hmac.compare_digest(sent.encode("utf-8", "replace"), form_token(secret).encode()):
        raise AccessDenied("页面已过期，请重新打开后再试")
