"""The shape that nearly every page of a listing has, read twice as fast as with handlers.

Expat without handlers checks in C that the document is well-formed and that nothing in it could look like a tag and
be none: no comment, CDATA section, processing instruction or declaration. Then every ``<`` begins a tag, and one
pattern for a whole row cannot mistake a key's text for markup. What does not fit to the last row is left to handlers.
"""

from __future__ import annotations

import re

from harbortui.sources.storage.listing.table import Rows, TableParser, new_parser, parse

# A row: its key, time and size, and between them elements that are none of these. Possessive, so that a text of
# another shape is given up at once.
_OTHERS = r"(?:\s*+<(?!/?Contents|Key>|Size>|LastModified>)[^>]*+>[^<]*+)*+"
_ROWS = re.compile(
    rf"(?:\s*+<Contents>\s*+<Key>[^<]*+</Key>\s*+<LastModified>[^<]*+</LastModified>{_OTHERS}"
    rf"\s*+<Size>[^<]*+</Size>{_OTHERS}\s*+</Contents>)*+"
)
_COLUMNS = {name: re.compile(rf"<{name}>([^<]*+)<") for name in ("Key", "LastModified", "Size")}
_FIELD = re.compile(r"<(IsTruncated|NextContinuationToken|EncodingType)>([^<]*)</")
_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*<ListBucketResult[ >]")


class Check:
    """Whether a document is well-formed and plain; fed like a parser."""

    def __init__(self) -> None:
        self._odd: list[bool] = []
        self._parser = new_parser()
        note = self._odd.append
        self._parser.CommentHandler = lambda data: note(True)
        self._parser.StartCdataSectionHandler = lambda: note(True)
        self._parser.ProcessingInstructionHandler = lambda target, data: note(True)

    @property
    def plain(self) -> bool:
        """Whether nothing in it could be taken for a tag."""
        return not self._odd

    def feed(self, data: bytes) -> None:
        """Take some bytes; raises Unreadable."""
        parse(self._parser, data)

    def close(self) -> None:
        """Say that the document ends here; raises Unreadable."""
        parse(self._parser, b"", last=True)


class FlatParser(TableParser):
    """Reads pages of ListObjectsV2; :meth:`fill` knows the usual shape."""

    def __init__(self) -> None:
        rows = {"Contents": Rows(("Key", "Size", "LastModified")), "CommonPrefixes": Rows(("Prefix",))}
        super().__init__(rows, ("ListBucketResult",))

    def fill(self, body: bytes) -> bool:
        """Take a whole document that :class:`Check` found plain; False, with nothing taken, for another shape."""
        if b"<CommonPrefixes" in body or b"\r" in body:
            return False
        text = body.decode()
        begin = text.find("<Contents>")
        end = text.rfind("</Contents>") + len("</Contents>") if begin >= 0 else 0
        rest = text[: max(0, begin)] + text[end:]
        if _ROOT.match(rest) is None or "<Contents" in rest:
            return False
        if begin >= 0 and _ROWS.fullmatch(text, begin, end) is None:
            return False
        fields = _FIELD.findall(rest)
        # Each row has each column once, so texts found one column at a time belong together. Strings alone also spare
        # the garbage collector a thousand tuples to look at.
        columns = {name: column.findall(text, max(0, begin), end) for name, column in _COLUMNS.items()}
        if any("&" in value for _, value in fields) or any("&" in key for key in columns["Key"]):
            return False
        for name, value in fields:
            self.fields.setdefault(name, value)
        self.rows["Contents"].extend("Contents", columns)
        return True
