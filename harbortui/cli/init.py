"""``harbortui init``: finds the Harbor jobs, shows what it would write, asks, writes; stdout is the difference."""

from __future__ import annotations

import difflib
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harbortui.cli import headless
from harbortui.cli.exits import ExitCode
from harbortui.cli.prompt import ask_line, ask_vault_password
from harbortui.config.environment import CONFIG_VARIABLE
from harbortui.config.errors import ConfigError
from harbortui.config.load import Places, Ways, ways
from harbortui.model.text import safe_text

if TYPE_CHECKING:
    from harbortui.cli.arguments import Arguments
    from harbortui.setup.document import Existing, Known
    from harbortui.setup.draft import Draft
    from harbortui.setup.find import Search

Ask = Callable[[str, str], str | None]
"""Asks for a line, with a default; None when there is nobody to ask."""


def run(args: Arguments, places: Places | None, ask: Ask = ask_line) -> int:
    """Find, show, ask, write; the exit code."""
    from harbortui.setup import document, store
    from harbortui.setup.questions import reference

    if re.fullmatch(r"\*|[\w.-]{1,128}", args.namespace) is None:
        return _stop("--namespace: expected the name of a namespace")
    places = places or Places.usual()
    path = _path(args, places)
    if path is None:
        return _stop("there is no place for the file: name one with --output FILE")
    try:
        existing = store.read_existing(path, places.uid)
        found = _ways(args, path, places, ask)
    except ConfigError as error:
        return _stop(*map(str, error.problems))
    if found.nomad is None:
        return _stop("Nomad's address is not known: --nomad ADDR, or NOMAD_ADDR")
    search = _search(found, args)
    if search is None:
        return ExitCode.USAGE
    _summary(search, found.nomad.address)
    if not search.drafts:
        return ExitCode.WARNING
    if existing is not None:
        existing.nomad = found.nomad.address
        fresh = document.new_drafts(search.drafts, existing)
        text, lacking = document.appended(existing, fresh, search.drafts, reference(found.nomad.token)), []
        for line in document.differences(search.drafts, existing):
            _say(f"left as it is: {line}")
    else:
        known = _known(found)
        _ask_all(known, search.drafts, ask)
        text, lacking = document.written(known, search.drafts), _missing(known, search.drafts)
    return _finish(path, existing, text, lacking, args, ask)


def _path(args: Arguments, places: Places) -> Path | None:
    named = args.output or args.config or os.environ.get(CONFIG_VARIABLE, "")
    return Path(named).expanduser().absolute() if named else places.user_file


def _ways(args: Arguments, path: Path, places: Places, ask: Ask) -> Ways:
    found = ways(file=path, nomad_address=args.nomad or "", places=places)
    if found.nomad is None and (typed := ask("Nomad's address", "")):
        found = ways(file=path, nomad_address=typed, places=places)
    for warning in found.warnings:
        _say(f"warning: {warning}")
    vault = found.vault
    if vault is not None and vault.auth == "userpass" and vault.password is None:
        args.vault_password = ask_vault_password(vault.username, vault.address)
    return found


def _search(found: Ways, args: Arguments) -> Search | None:
    from harbortui.setup.find import find

    async def search() -> Search:
        return await find(
            found, namespace=args.namespace, prefix=args.prefix, password=args.vault_password, wall=time.time
        )

    try:
        result = headless.run(search())
    except ValueError as error:
        _say(str(error))
        return None
    if result.failure is not None:
        address = found.nomad.address if found.nomad is not None else ""
        _say(f"Nomad at {address}: {result.failure.detail}")
        if result.failure.needs:
            _say(f"the token needs {result.failure.needs} in the namespaces of the Harbor jobs")
        return None
    return result


def _summary(search: Search, address: str) -> None:
    noun = "Harbor" if len(search.drafts) == 1 else "Harbors"
    _say(f"{len(search.drafts)} {noun} among {search.jobs} jobs of {address} ({search.read} specifications read)")
    for each in search.drafts:
        _say(f"  {each.name}: {each.url or 'no address found'}; {each.why}")
    for note in search.notes:
        _say(f"  {note}")
    if not search.drafts:
        _say("a Harbor is known by its image harbor-core, or by its tasks' names with its meta, service or name")
        _say("the token must hold list-jobs and read-job in its namespace")


def _known(found: Ways) -> Known:
    from harbortui.setup.document import Known
    from harbortui.setup.questions import reference

    assert found.nomad is not None
    return Known(
        nomad_address=found.nomad.address,
        nomad_region=found.nomad.region,
        nomad_token=reference(found.nomad.token),
        vault_address=found.vault.address if found.vault is not None else "",
    )


def _ask_all(known: Known, drafts: list[Draft], ask: Ask) -> None:
    """Every question, until nobody answers any more; a wrong answer is asked for again."""
    from harbortui.setup.questions import SKIP, answer, questions, suggested_path

    lead = f"Enter takes what stands in brackets, {SKIP} leaves a thing out.\n"
    for question in questions(known, drafts):
        while True:
            typed = ask(lead + question.words, question.default)
            if typed is None:
                _defaults(known, drafts, suggested_path(drafts))
                return
            lead = ""
            try:
                answer(known, question, typed)
                break
            except ValueError as error:
                _say(str(error))


def _defaults(known: Known, drafts: list[Draft], path: str) -> None:
    """What is written when there is nobody to ask: nothing that would have to be true first."""
    names = {each.fleet for each in drafts if each.fleet}
    known.fleet = next(iter(names)) if len(names) == 1 else ""
    if not known.vault_address:
        known.vault_path = path


def _missing(known: Known, drafts: list[Draft]) -> list[str]:
    from harbortui.setup.questions import missing

    return missing(known, drafts)


def _finish(path: Path, existing: Existing | None, text: str, lacking: list[str], args: Arguments, ask: Ask) -> int:
    from harbortui.setup import store

    before = existing.text if existing is not None else None
    if text == before:
        _say(f"{path} has them all already; nothing to change")
        return ExitCode.OK
    sys.stdout.write(difference(before or "", text, str(path)))
    for each in lacking:
        _say(f"missing: {each}")
    wrong = [each for each in store.check(text) if not (each.startswith("no instance") and lacking)]
    if wrong:
        return _stop("nothing was written: the result would not be a configuration", *wrong)
    if args.dry_run:
        return ExitCode.OK
    if not args.yes:
        agreed = ask(f"Write {path}? (y/n)", "n")
        if agreed is None or agreed.strip().lower() not in ("y", "yes"):
            _say("nothing was written" + ("; --yes writes it" if agreed is None else ""))
            return ExitCode.WARNING
    try:
        store.write(path, text, before)
    except store.NotWritten as error:
        return _stop(str(error))
    _say(f"{path} written. Next: harbortui doctor" + (f" --config {path}" if args.output or args.config else ""))
    return ExitCode.WARNING if lacking else ExitCode.OK


def difference(before: str, after: str, name: str) -> str:
    """A unified diff, safe for a terminal."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "".join(f"{safe_text(line)}\n" for line in lines)


def _stop(*texts: str) -> int:
    for text in texts:
        _say(text)
    return ExitCode.USAGE


def _say(text: str) -> None:
    print(f"harbortui: {safe_text(text)}", file=sys.stderr)
