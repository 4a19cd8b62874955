"""Times as people say them: today, yesterday, in two hours; the clock is the unit of work's."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.work import Work
from ui.web.templating import locale, t

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def said(work: Work, at: datetime) -> str:
    """今天 17:30, 昨天 09:12, 11 月 19 日 09:12; with the year when it is another one."""
    local = at.astimezone(work.catalog.timezone)
    days = (local.date() - work.today).days
    clock = f"{local:%H:%M}"
    near = {-1: "昨天", 0: "今天", 1: "明天"}.get(days)
    if near:
        return f"{t(near)} {clock}"
    return f"{day(work, at)} {clock}"


def day(work: Work, at: datetime) -> str:
    """11 月 19 日, or 2025-11-19 in another year."""
    local = at.astimezone(work.catalog.timezone).date()
    if local.year != work.today.year:
        return local.isoformat()
    return f"{local.month} 月 {local.day} 日" if locale().startswith("zh") else f"{local:%b} {local.day}"


def today(work: Work) -> str:
    """11 月 20 日 周五"""
    return f"{day(work, work.now)} {t(WEEKDAYS[work.today.weekday()])}"


def length(span: timedelta) -> str:
    """2 小时, 3 天; the largest unit alone."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return t("{count} 天", count=minutes // (24 * 60))
    if minutes >= 60:
        return t("{count} 小时", count=minutes // 60)
    return t("{count} 分钟", count=max(1, minutes))


def greeting(work: Work) -> str:
    hour = work.now.astimezone(work.catalog.timezone).hour
    return t("早上好" if hour < 11 else "中午好" if hour < 13 else "下午好" if hour < 18 else "晚上好")
