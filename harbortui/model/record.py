"""The base of every record that travels between the processes or is written to a snapshot file."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An immutable record.

    Only the fields declared on a record can ever be stored or sent: this is the allow-list of what may leave a source.
    All times are unix seconds (UTC) as ``float``; all sizes are bytes unless the field's name says otherwise.
    """
