"""Redaction: the secrets we know, in every spelling they travel in, then what looks like one."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

from harbortui.model.patterns import mask_patterns
from harbortui.model.secret import MASK, Secret
from harbortui.model.text import DEFAULT_LIMIT, safe_text

Clean = Callable[[str], str]
"""What every source applies to every outside string."""

MIN_SECRET = 6
"""Shorter values are not searched for: they would mask ordinary words."""

_MIN_LINE = 12
_FEW = 128
_MAX_REMEMBERED = 128
_MAX_UNCHANGED = 8192


def _base64_forms(data: bytes) -> Iterator[str]:
    """Base64 of ``data`` at each alignment inside a longer text, without the characters that its neighbours decide."""
    for encode in (b64encode, urlsafe_b64encode):
        for lead in range(3):
            coded = encode(b"\0" * lead + data).decode("ascii").rstrip("=")
            whole = (lead + len(data)) * 8 // 6
            start = -(-lead * 8 // 6)
            yield coded[start:whole]


def _spellings(value: str) -> Iterator[str]:
    data = value.encode("utf-8", errors="surrogatepass")
    yield value
    yield quote(data, safe="")
    yield quote(data)
    yield quote_plus(data)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield data.hex()
    yield from _base64_forms(data)


def _forms(value: str) -> set[str]:
    """All spellings of a secret that are long enough to be searched for."""
    lines = [line for line in value.splitlines() if len(line.strip()) >= _MIN_LINE]
    values = {value, value.strip(), *(lines if len(lines) > 1 else ())}
    forms = {form for each in values if len(each) >= MIN_SECRET for form in _spellings(each)}
    return {form for form in forms if len(form) >= MIN_SECRET and form.strip("*")}


class Redactor:
    """Masks learned secrets exactly, then patterns. One owner learns at a time; reading is safe in any thread."""

    def __init__(self) -> None:
        self._forms: frozenset[str] = frozenset()
        self._by_prefix: dict[str, tuple[str, ...]] = {}
        self.generation = 0
        """Grows when something new was learned."""

    def learn(self, secret: Secret) -> None:
        """Never let this value through again; values shorter than six characters are left to the patterns."""
        forms = self._forms | _forms(secret.reveal())
        if forms == self._forms:
            return
        by_prefix: dict[str, list[str]] = {}
        for form in forms:
            by_prefix.setdefault(form[:MIN_SECRET], []).append(form)
        self._by_prefix = {prefix: tuple(group) for prefix, group in by_prefix.items()}
        self._forms = forms
        self.generation += 1

    def __call__(self, text: str) -> str:
        """``text`` with every learned secret and everything that looks like one replaced by a mask."""
        if len(text) < MIN_SECRET:
            return text
        return self.known(mask_patterns(self.known(text)))

    def known(self, text: str) -> str:
        """``text`` with every learned secret replaced by a mask, and nothing else."""
        spans = sorted(self._few(text) if len(self._forms) < min(len(text), _FEW) else self._many(text))
        if not spans:
            return text
        parts: list[str] = []
        at = 0
        start, end = spans[0]
        for begin, stop in [*spans[1:], (len(text) + 1, len(text) + 1)]:
            if begin <= end:
                end = max(end, stop)
                continue
            parts += [text[at:start], MASK]
            at, start, end = end, begin, stop
        return "".join([*parts, text[at:]])

    def _few(self, text: str) -> Iterator[tuple[int, int]]:
        """Where known forms occur, overlaps included; one search for each form."""
        for form in self._forms:
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = text.find(form, at + 1)

    def _many(self, text: str) -> Iterator[tuple[int, int]]:
        """The same by one look-up for each position, for a fleet with more secrets than a line has characters."""
        groups = self._by_prefix
        for at in range(len(text) - MIN_SECRET + 1):
            for form in groups.get(text[at : at + MIN_SECRET], ()):
                if text.startswith(form, at):
                    yield at, at + len(form)


class Cleaner:
    """Redacts, then makes safe: ``Cleaner(redactor)(text)`` is what may be kept of an outside string.

    Names and states come back with every refresh, so short texts that needed no change are remembered.
    """

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        self._unchanged: set[str] = set()
        self._generation = redactor.generation

    def __call__(self, text: str, limit: int = DEFAULT_LIMIT) -> str:
        """``text`` redacted as a whole, then one safe line of at most ``limit`` characters."""
        if self._generation != self.redactor.generation:
            self._unchanged.clear()
            self._generation = self.redactor.generation
        if text in self._unchanged and len(text) <= limit:
            return text
        shown = self._clean(text, limit)
        if shown == text and len(text) <= _MAX_REMEMBERED:
            # Only texts that proved harmless are remembered: a secret must not live on in here.
            if len(self._unchanged) >= _MAX_UNCHANGED:
                self._unchanged.clear()
            self._unchanged.add(text)
        return shown

    def _clean(self, text: str, limit: int) -> str:
        redacted = self.redactor(text)
        shown = safe_text(redacted, limit=limit)
        if shown == redacted:
            return shown
        # A control character can hide a secret's shape until it is replaced.
        return safe_text(self.redactor(shown), limit=limit)
