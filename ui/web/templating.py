"""What templates can call: words, icons, addresses, formats; all of it knows the reader's language by itself."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, g, request, url_for

from engine.sessions import form_token
from ui.assets import file_of
from ui.web.access import may
from ui.web.icons import icon
from ui.web.texts import LOCALES, translate

THEMES = ("auto", "light", "dark")


def words_for_templates(flask: Flask) -> None:
    """Put the functions into every template, and the macros under their short names."""
    environment = flask.jinja_env
    environment.add_extension("jinja2.ext.loopcontrols")
    environment.globals |= {
        "t": t,
        "label": label,
        "icon": icon,
        "asset": lambda name: url_for("static.built", name=file_of(name)),
        "csrf": lambda: form_token(g.secret),
        "theme": theme,
        "locale": locale,
        "locales": LOCALES,
        "may": lambda permission: may(g.principal, permission),
    }
    environment.filters["option_text"] = option_text
    for name, file in (("live", "live"), ("fld", "fields"), ("ui", "parts")):
        environment.globals[name] = environment.get_template(f"macros/{file}.html").module


def locale() -> str:
    """The language of this page."""
    return str(g.locale)


def t(text: str, **values: Any) -> str:
    """These words of a page in the reader's language."""
    return translate(locale(), text, **values)


def label(text: str) -> str:
    """A label of the app in the reader's language."""
    from ui.web.unit import running

    return running().catalog.label(text, locale())


def theme() -> str:
    """The theme chosen in this browser; `auto` follows the system."""
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


def option_text(option: object) -> str:
    """A chart option as the page carries it."""
    return orjson.dumps(option, default=str).decode()
