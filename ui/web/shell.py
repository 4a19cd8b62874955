"""The shell around every page: menu, counts, who is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flask import request, url_for

from engine import notices, people
from engine.principal import Principal
from engine.work import Work
from flows import tasks
from forms.access import may as may_read
from ui.web.access import may
from ui.web.templating import label, t


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu."""

    label: str
    icon: str
    href: str
    here: bool
    count: int = 0
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the menu; `open` while it holds the page that is shown, or few enough stand in the menu."""

    label: str
    entries: list[Item] = field(default_factory=list)
    open: bool = True


@dataclass(frozen=True, slots=True)
class Shell:
    title: str
    name: str
    position: str
    unread: int
    menu: list[Group]
    tabs: list[Item]
    toast: str | None


FEW = 16  # lines of the menu that a small screen shows at once
ADMIN = (
    ("settings", "应用设置", "settings", "settings.show"),
    ("people", "人员", "users", "people.show"),
    ("audit", "发件箱", "send", "outbox.show"),
    ("sandbox", "沙盘时钟", "calendar-clock", "sandbox.show"),
)


def around(work: Work, toast: str | None) -> Shell:
    """What base.html needs; `work` is the page's own unit of work, so that counts and content agree."""
    principal = work.principal
    open_tasks, unread = tasks.counts(work)["open"], notices.unread_count(work)
    return Shell(
        title=label(work.catalog.title),
        name=principal.name,
        position=position(work, principal),
        unread=unread,
        menu=_folded(menu(work, open_tasks)),
        tabs=_tabs(open_tasks, unread),
        toast=toast,
    )


def position(work: Work, principal: Principal) -> str:
    """Department and roles, as they stand under a name."""
    parts = []
    if principal.department:
        parts.append(people.department(work, principal.department).label)
    roles = work.catalog.roles
    parts += [label(roles[role].label) for role in sorted(principal.roles) if role in roles]
    return " · ".join(parts)


def _folded(groups: list[Group]) -> list[Group]:
    """A menu that does not fit keeps open the first group and the one that one is in."""
    if sum(len(group.entries) for group in groups) <= FEW:
        return groups
    return [
        replace(group, open=index == 0 or any(item.here for item in group.entries))
        for index, group in enumerate(groups)
    ]


def menu(work: Work, open_tasks: int = 0) -> list[Group]:
    """What this person may open, as the app declares it, then what they may administer."""
    return list(_menu(work, open_tasks))


def _menu(work: Work, open_tasks: int) -> Iterator[Group]:
    groups = [Group(label(group.label), list(_entries(work, group.items))) for group in work.catalog.menu]
    inbox = Item(t("我的待办"), "inbox", url_for("home.show"), _here("home"), open_tasks, hot=True)
    if groups and groups[0].label == t("工作台"):
        groups[0].entries.insert(0, inbox)
    else:
        yield Group(t("工作台"), [inbox])
    yield from (group for group in groups if group.entries)
    entries = [
        Item(t(words), sign, url_for(endpoint), _here(endpoint.partition(".")[0]))
        for permission, words, sign, endpoint in ADMIN
        if may(work.principal, permission)
    ]
    if entries:
        yield Group(t("管理"), entries)


def _entries(work: Work, ids: tuple[str, ...]) -> Iterator[Item]:
    """The forms and reports of a menu group that this person may open."""
    forms, reports = work.catalog.get("form", {}), work.catalog.get("report", {})
    for id in ids:
        if id in forms and may_read(work.principal, forms[id], "read"):
            form = forms[id]
            here = (request.view_args or {}).get("form") == id
            yield Item(label(form.label), "file-text", url_for("lists.show", form=id), here)
        elif id in reports and reports[id].opens(work.principal):
            here = (request.view_args or {}).get("report") == id
            yield Item(label(reports[id].label), "chart-column", url_for("reports.show", report=id), here)


def _tabs(open_tasks: int, unread: int) -> list[Item]:
    return [
        Item(t("待办"), "inbox", url_for("home.show"), _here("home", "approve"), open_tasks),
        Item(t("应用"), "layout-grid", url_for("apps.show"), _here("apps", "lists", "records", "reports", "settings")),
        Item(t("消息"), "bell", url_for("notices.show"), _here("notices"), unread),
        Item(t("我"), "user", url_for("me.show"), _here("me")),
    ]


def _here(*pages: str) -> bool:
    return request.blueprint in pages


def department_of(work: Work, id: str | None) -> str:
    """The label of a department; nothing for none."""
    return label(people.department(work, id).label) if id else ""
