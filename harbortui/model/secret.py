"""A secret that cannot be printed, pickled, encoded or compared by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn

MASK = "********"


class Secret:
    """Holds a secret string; only :meth:`reveal` gives it back, and only transports call that.

    ``repr``, ``str``, ``format`` and f-strings show a mask; pickling raises ``TypeError``; msgspec refuses
    to encode it, because it is not a known type.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself. Call it where the bytes leave for the backend, nowhere else."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never serialised")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self
