"""What of an answer may be kept: no secret, no cookie, no name of the machine that asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from harbortui.model.redact import Redactor
from harbortui.model.secret import Secret

REMOVED = "(removed)"

KEPT_HEADERS = re.compile(
    r"content-(?:type|length|encoding)|date|server|link|location|retry-after|www-authenticate|connection|cache-control"
    r"|transfer-encoding|vary|x-total-count|x-request-id|set-cookie|x-harbor-csrf-token|docker-.*|x-nomad-.*|x-vault-.*"
    r"|x-rgw-.*|x-minio-.*|x-amz-(?:request-id|bucket-region|error-.*|id-2)|x-ratelimit-.*"
)
_SECRET_HEADERS = {"set-cookie": r"^([^=]+)=[^;]*", "x-harbor-csrf-token": r"^()(.+)$"}
_SECRET_KEY = re.compile(
    r"(?i)^(?:secret_?id|secret|secret_?key|access_?secret|password|client_?token|token|keys?|keys_base64|root_token"
    r"|unseal.*|private_?key|identitytoken)$"
)


class Scrubber:
    """Built from the secrets that the recorder knows; ``replace`` maps other words that must not be kept."""

    def __init__(self, secrets: Iterable[str] = (), replace: Mapping[str, str] | None = None) -> None:
        self._redactor = Redactor()
        for each in secrets:
            self._redactor.learn(Secret(each))
        self._replace = dict(replace or {})

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The headers worth keeping, lower-case; values of cookies removed."""
        kept: dict[str, str] = {}
        for name, value in headers:
            name = name.lower()
            if not KEPT_HEADERS.fullmatch(name):
                continue
            if name in _SECRET_HEADERS:
                value = re.sub(_SECRET_HEADERS[name], rf"\1={REMOVED}" if name == "set-cookie" else REMOVED, value)
            kept[name] = f"{kept[name]}, {value}" if name in kept else self.text(value)
        return kept

    def body(self, body: bytes, content_type: str) -> bytes:
        """The body with secrets removed; JSON also by the names of its keys."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return body
        if "json" in content_type:
            try:
                return json.dumps(self._value(json.loads(text)), ensure_ascii=False).encode("utf-8")
            except ValueError:
                pass
        return self.text(text).encode("utf-8")

    def text(self, text: str) -> str:
        """``text`` without known secrets and replaced words; patterns are left alone, for they would mask ids."""
        for word, other in self._replace.items():
            text = text.replace(word, other)
        return self._redactor.known(text)

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                self.text(key): REMOVED
                if _SECRET_KEY.match(key) and isinstance(each, str) and each
                else self._value(each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._value(each) for each in value]
        return self.text(value) if isinstance(value, str) else value
