"""S3's XML as a stream: rows become columns of text, everything else the first text of its name.

Expat reads it in pieces of any size, so that no piece holds the event loop for long. A document type declaration is
refused, and with it every trick with entities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote_plus
from xml.parsers import expat

MAX_ROWS = 10_000
"""Rows of one answer; servers send a thousand."""
MAX_NUMBER = 1 << 53
"""Numbers from here on are none: as a size, nine petabytes."""


class Unreadable(Exception):
    """The document is not well-formed or not such an answer; the text is ours."""


class Rows:
    """Rows of one kind (or several that belong in one order) as columns; ``names`` has each row's element."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.names: list[str] = []
        self.columns: dict[str, list[str]] = {name: [] for name in columns}
        self.appends: Mapping[str, Callable[[str], None]] = {
            name: column.append for name, column in self.columns.items()
        }

    def __len__(self) -> int:
        return len(self.names)

    def close(self, name: str) -> None:
        """End a row: a column that it had not is empty, one that it had twice is an error."""
        self.names.append(name)
        count = len(self.names)
        for column in self.columns.values():
            if len(column) < count:
                column.append("")
            elif len(column) > count:
                raise Unreadable("a row has a column twice")
        if count > MAX_ROWS:
            raise Unreadable(f"more than {MAX_ROWS} rows on a page")

    def extend(self, name: str, columns: Mapping[str, list[str]]) -> None:
        """Add rows as whole columns of equal length."""
        for column, texts in columns.items():
            self.columns[column] += texts
        self.names += [name] * len(texts)
        if len(self.names) > MAX_ROWS:
            raise Unreadable(f"more than {MAX_ROWS} rows on a page")


class TableParser:
    """Feed it bytes; then ``fields`` and the ``rows`` it was given are filled.

    ``roots`` are the documents it accepts; none: any.
    """

    def __init__(self, rows: Mapping[str, Rows], roots: tuple[str, ...] = ()) -> None:
        self.fields: dict[str, str] = {}
        self.rows = rows
        self._roots = roots
        self._parser: expat.XMLParserType | None = None

    def feed(self, data: bytes) -> None:
        """Take some bytes.

        Raises:
            Unreadable: the document is not such an answer.
        """
        if self._parser is None:
            self._parser = _handled(self.rows, self.fields, self._roots)
        parse(self._parser, data)

    def close(self) -> None:
        """Say that the document ends here; raises as :meth:`feed` does."""
        self.feed(b"")
        parser, self._parser = self._parser, None
        assert parser is not None
        parse(parser, b"", last=True)
        # Parser and handlers refer to each other: a page's columns would stay until the garbage collector comes by.
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    @property
    def is_truncated(self) -> bool:
        """What ``IsTruncated`` says; a page that has a token for the next is truncated even when it does not say so."""
        said = self.fields.get("IsTruncated", "").strip().lower()
        return said == "true" or (not said and bool(self.fields.get("NextContinuationToken")))

    def names(self, row: str, column: str) -> list[str]:
        """A column of keys or prefixes, decoded when the answer says that it is encoded."""
        texts = self.rows[row].columns[column]
        if self.fields.get("EncodingType", "") != "url":
            return texts
        if texts and "%2F" in texts[0]:
            # RGW encodes slashes too; that alone is undone faster than by decoding.
            texts = [text.replace("%2F", "/") for text in texts]
        return [_decoded(text) if "%" in text or "+" in text else text for text in texts]

    def numbers(self, row: str, column: str) -> list[int]:
        """A column of whole numbers, nothing being 0; raises Unreadable for what is none."""
        try:
            numbers = [int(text or 0) for text in self.rows[row].columns[column]]
        except ValueError:
            raise Unreadable(f"a {column} that is no number") from None
        if numbers and (min(numbers) < 0 or max(numbers) >= MAX_NUMBER):
            raise Unreadable(f"a {column} that cannot be one")
        return numbers


def new_parser() -> expat.XMLParserType:
    """An expat parser that refuses document type declarations.

    Another encoding than UTF-8 could hide one from whatever looked at the bytes before us.
    """
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _doctype
    return parser


def parse(parser: expat.XMLParserType, data: bytes, *, last: bool = False) -> None:
    """Let expat read some bytes; raises Unreadable."""
    try:
        parser.Parse(data, last)
    except expat.ExpatError as error:
        raise Unreadable(f"not well-formed XML: {expat.ErrorString(error.code)}") from None


def _doctype(*_: object) -> None:
    raise Unreadable("a document type declaration")


def _handled(rows: Mapping[str, Rows], fields: dict[str, str], roots: tuple[str, ...]) -> expat.XMLParserType:
    """A parser with handlers; closures, because expat calls them twenty times for each row."""
    parser = new_parser()
    row: Rows | None = None
    text = ""

    def first(name: str, attributes: Mapping[str, str]) -> None:
        if roots and name not in roots:
            raise Unreadable("another document than was asked for")
        parser.StartElementHandler = start

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal row, text
        text = ""
        if name in rows:
            if row is not None:
                raise Unreadable("a row within a row")
            row = rows[name]

    def characters(data: str) -> None:
        nonlocal text
        text += data

    def end(name: str) -> None:
        nonlocal row, text
        if row is None:
            fields.setdefault(name, text)
        elif name in row.appends:
            row.appends[name](text)
        elif name in rows:
            row.close(name)
            row = None
        text = ""

    parser.buffer_text = True
    parser.buffer_size = 8192
    parser.StartElementHandler = first
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    return parser


def _decoded(text: str) -> str:
    # Bytes that are no UTF-8 stay apart from each other, or two keys could look like one that came twice.
    return unquote_plus(text, errors="surrogateescape")
