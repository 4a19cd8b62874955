"""guiju explain: what can be written for a type, or why a rule fired or did not."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.errors import NotFound
from engine.names import nearest
from engine.principal import SYSTEM
from rules import firings
from rules.firings import Why
from ui.cli import options
from ui.reference import page, sets

NAME = "explain"
HELP = "print what can be written for a type (field money, step approve, ...), or why a rule fired: APP rule RULE ID"


def add(verb: ArgumentParser) -> None:
    verb.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="SET TYPE, such as: field money; nothing, for all of them; or APP rule RULE RECORD_ID",
    )
    options.database(verb)


def run(given: Namespace) -> int:
    words: list[str] = given.words
    if len(words) == 4 and words[1] == "rule":
        return _rule(given, Path(words[0]), words[2], words[3])
    known = sets()
    if not words:
        for name, types in known.items():
            print(f"{name}: {', '.join(types)}")
        return 0
    if words[0] not in known:
        raise NotFound(_unknown("set of types", words[0], list(known)))
    types = known[words[0]]
    if len(words) == 1:
        print("\n".join(types))
        return 0
    if len(words) > 2 or words[1] not in types:
        raise NotFound(_unknown(words[0], " ".join(words[1:]), types))
    print(page(words[0], words[1]))
    return 0


def _unknown(noun: str, name: str, known: list[str]) -> str:
    close = nearest(name, known)
    return f"there is no {noun} '{name}'" + (f", did you mean {close}?" if close else f"; known are {', '.join(known)}")


def _rule(given: Namespace, folder: Path, rule: str, record: str) -> int:
    if not (record.isascii() and record.isdigit()):
        raise NotFound(f"'{record}' is no record id")
    given.app = folder
    with options.joined(given) as app, app.work(SYSTEM, read=True) as work:
        for line in _told(firings.explain(work, rule, int(record))):
            print(line)
    return 0


def _told(why: Why) -> list[str]:
    """The condition with every sub-value, what the rule remembers, and what it did."""
    told = [f"{why.rule.id}: {why.rule.label}" + ("" if why.enabled else " (switched off)")]
    if why.holds is not None:
        told.append(f"the condition {'holds' if why.holds else 'does not hold'} now")
    if why.trace is not None:
        told += [f"  {line}" for line in why.trace.lines()]
    if why.latch is not None:
        state = "inside since" if why.latch.active else "outside; last entered"
        told.append(f"{state} {why.latch.entered_at:%Y-%m-%d %H:%M} UTC, fired {why.latch.fire_count} times")
    told += [f"step {step['id']} {step['on']}: {step['state']}" for step in why.steps]
    told += [
        f"fired {one.fired_at:%Y-%m-%d %H:%M} UTC {one.step or ''}: {one.state}"
        + (f", {one.error}" if one.error else "")
        for one in why.firings
    ]
    return told if why.firings else [*told, "it has never fired for this record"]
