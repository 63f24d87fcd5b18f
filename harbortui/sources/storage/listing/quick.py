"""The shape that nearly every page of a listing has, read three times as fast as with handlers.

The rows are one run of text that a single pattern must match as a whole: elements and text, nothing else, each row with
its key, time and size once. No comment, CDATA section, processing instruction or declaration matches it, and ``<``
cannot stand in text, so nothing in a key can be taken for markup. What is around the rows goes through expat as always.
Whatever does not fit to the last character is left to expat and its handlers as a whole.
"""

from __future__ import annotations

import re

from harbortui.sources.storage.listing.table import Rows, TableParser

MOST_BYTES = 1_000_000
"""Above that a page is read in slices, so that it does not hold the event loop; usual ones have a third of it."""

# Possessive, so that a text of another shape is given up at once.
_OTHERS = r"(?:\s*+<(?!/?Contents|Key>|Size>|LastModified>|CommonPrefixes)/?[A-Za-z][^<>&]*+>[^<]*+)*+"
_ROWS = re.compile(
    rf"(?:\s*+<Contents>\s*+<Key>[^<&\r]*+</Key>\s*+<LastModified>[^<]*+</LastModified>{_OTHERS}"
    rf"\s*+<Size>[^<]*+</Size>{_OTHERS}\s*+</Contents>)*+"
)
_COLUMNS = {name: re.compile(rf"<{name}>([^<]*+)<") for name in ("Key", "LastModified", "Size")}
_BEGIN, _END = "<Contents>", "</Contents>"


class FlatParser(TableParser):
    """Reads pages of ListObjectsV2; :meth:`fill` knows the usual shape."""

    def __init__(self) -> None:
        rows = {"Contents": Rows(("Key", "Size", "LastModified")), "CommonPrefixes": Rows(("Prefix",))}
        super().__init__(rows, ("ListBucketResult",))

    def fill(self, body: bytes) -> bool:
        """Take a whole document; False, with nothing taken, when it has another shape.

        Raises:
            Unreadable: what is around the rows is not such an answer.
        """
        if len(body) > MOST_BYTES:
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return False
        begin, end = text.find(_BEGIN), text.rfind(_END) + len(_END)
        if begin < 0 or end <= begin or _ROWS.fullmatch(text, begin, end) is None:
            return False
        around = text[:begin] + text[end:]
        if "<!" in around or "<Contents" in around:
            return False  # perhaps the rows stand in a comment
        self.feed(around.encode())
        self.close()
        # Each row has each column once, so texts found one column at a time belong together. Strings alone also spare
        # the garbage collector a thousand tuples to look at.
        columns = {name: column.findall(text, begin, end) for name, column in _COLUMNS.items()}
        self.rows["Contents"].extend("Contents", columns)
        return True
