"""``harbortui runbook``: a page as Markdown, to be read without the screen. Asks no backend."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harbortui.cli.exits import ExitCode

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.config.settings import Settings
    from harbortui.runbooks.names import Names


def run(settings: Settings | None, args: Arguments) -> int:
    """Print the list, or the page asked for with the names that are known."""
    from harbortui.runbooks.catalogue import fitting, runbooks
    from harbortui.runbooks.fill import in_markdown

    if not args.name:
        width = max(map(len, runbooks()))
        for each in runbooks().values():
            print(f"{each.id:{width}}  {each.front.summary}")
        return ExitCode.OK
    book = fitting(args.name)
    if book is None:
        print(f"harbortui: there is no runbook {args.name!r}; there are: {', '.join(runbooks())}", file=sys.stderr)
        return ExitCode.USAGE
    sys.stdout.write(in_markdown(book.body, _names(settings)))
    return ExitCode.OK


def _names(settings: Settings | None) -> Names:
    """Those of the instance asked for, or of the only one there is; with several nobody knows which is meant."""
    if settings is None or len(settings.instances) != 1:
        return {}
    from harbortui.collect.targets import target_of
    from harbortui.runbooks.names import target_names

    known = target_names(target_of(settings.instances[0], settings))
    return {name: value for name, value in known.items() if value or name == "prefix"}
