"""The command `guiju`: one file per verb; bad input ends with status 2 and says where, what, and what next."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from engine.errors import ConfigErrors, GuijuError
from ui.cli import (
    backup,
    check,
    explain,
    export,
    fmt,
    import_file,
    key,
    publish,
    restore,
    run,
    schema,
    test,
    user,
    web,
    worker,
)

COMMANDS = (
    run,
    web,
    worker,
    check,
    fmt,
    test,
    publish,
    import_file,
    export,
    user,
    key,
    explain,
    schema,
    backup,
    restore,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status is 0, 1 when something failed, or 2 for a mistake of the person who typed."""
    parser = argparse.ArgumentParser("guiju", description="Business applications as configuration.")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for command in COMMANDS:
        verb = verbs.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.add(verb)
        verb.set_defaults(command=command)
    given = parser.parse_args(arguments)
    try:
        return int(given.command.run(given))
    except ConfigErrors as errors:
        print(errors, file=sys.stderr)
        count = len(errors.errors)
        print(f"{count} {'mistake' if count == 1 else 'mistakes'}", file=sys.stderr)
        return 2
    except GuijuError as error:
        print(error, file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"the database does not answer as it should: {error.orig}", file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
