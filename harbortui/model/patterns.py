"""What secrets look like when nobody told us: the patterns the redactor tries after the values it knows.

They are defence in depth: a secret that fits no pattern is held back by never being read into a record. Every pattern
is linear in the text (possessive quantifiers, starts bound to word borders), because the text is hostile. It is tried
only when one of its lower-case triggers occurs, which is what makes a clean line cheap.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from harbortui.model.secret import MASK


class Pattern(NamedTuple):
    """One shape of secret."""

    triggers: tuple[str, ...]
    """Lower-case strings of which one must occur."""
    regex: re.Pattern[str]
    replacement: str
    is_pair: bool = False
    """True for ``key=value`` shapes, which are only tried when there is such a key with a sign after it."""


def _pair(regex: str) -> Pattern:
    return _pattern(_KEY_TRIGGERS, regex, rf"\1{MASK}")._replace(is_pair=True)


def _pattern(triggers: str, regex: str, replacement: str = MASK) -> Pattern:
    return Pattern(tuple(triggers.split()), re.compile(regex, re.IGNORECASE | re.ASCII | re.DOTALL), replacement)


_QUOTE = r"\\{0,3}[\"']"
_KEYS = (
    r"(?:password|passwd|passphrase|pwd|secret|token|secret_?access_?key|secret_?key|secret_?id|api_?key|private_?key|"
    r"access_?key(?:_?id)?|credentials?|signature)"
)
_BEFORE_QUOTED = rf"{_KEYS}{_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}\[?"
_KEY_TRIGGERS = (
    "password passwd passphrase pwd secret token api_key apikey private_key privatekey access_key accesskey "
    "credential signature"
)
_PAIR = re.compile(rf"{_KEYS}{_QUOTE}?\s{{0,4}}[:=]", re.IGNORECASE | re.ASCII)

_PEM_LINE = 96

PATTERNS: tuple[Pattern, ...] = (
    # A block without its end is masked to the end of the text: it was cut, or its lines came apart.
    _pattern("-----begin", r"-----BEGIN [A-Z0-9 ]{1,64}-----.*?(?:-----END [A-Z0-9 ]{1,64}-----|\Z)"),
    # One line of a PEM body that came apart in a log; a hexadecimal digest has no mixture of cases.
    _pattern("", r"\A\s*+(?-i:(?=[^\n]{0,64}[A-Z])(?=[^\n]{0,64}[g-z]))[A-Za-z0-9+/]{60,76}={0,2}\s*+\Z"),
    _pattern("hvs. hvb. hvr.", r"(?<![\w-])hv[sbr]\.[\w-]{8,}+"),
    _pattern("s. b. r.", r"(?<![\w.-])[sbr]\.(?=[a-z0-9]{0,64}[0-9A-Z])[a-z0-9]{24,}+"),
    _pattern("akia asia", r"(?<![a-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![a-z0-9])"),
    _pattern("eyj", r"(?<![\w-])eyJ[\w-]{6,}+\.[\w-]{4,}+(?:\.[\w-]*+)?"),
    _pattern(
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- dckr_pat_",
        r"(?<!\w)(?:gh[pousr]_|github_pat_|glpat-|dckr_pat_)[\w-]{16,}+",
    ),
    # Schemes whose passwords are often not escaped may hold a slash; in http it would begin the path.
    _pattern(
        "redis rediss postgres amqp mysql",
        r"((?:rediss?|redis\+sentinel|postgres(?:ql)?|amqps?|mysql)://[^\s/@:\"']{0,256}):[^\s@\"']{1,512}@",
        rf"\1:{MASK}@",
    ),
    _pattern("://", r"(://[^\s/?#@:\"']{0,256}):[^\s/?#@\"']{1,512}@", rf"\1:{MASK}@"),
    _pattern("://", r"://[^\s/?#@:\"'*]{20,512}@", rf"://{MASK}@"),
    _pattern(
        "authorization",
        rf"(authorization{_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}\[?(?:{_QUOTE})?)(?:[\w-]{{1,40}}+ {{1,4}})?[^\s,\"'\]}}\\]++",
        rf"\1{MASK}",
    ),
    _pattern(
        "bearer basic", r"\b(bearer|basic)(\s{1,4})(?=[\w.~+/-]{0,80}[0-9=])[\w.~+/-]{12,}+={0,2}", rf"\1\2{MASK}"
    ),
    _pattern("cookie", rf"(cookie{_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}\[?(?:{_QUOTE})?)[^\"'\]}}\r\n\\]++", rf"\1{MASK}"),
    _pattern(
        "x-",
        rf"(\bx-[a-z-]{{0,40}}(?:token|secret|key|credential|signature){_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}\[?(?:{_QUOTE})?)[^\s,;&\"'\]}}\\]++",
        rf"\1{MASK}",
    ),
    # Quoted values may hold anything up to the quote that ends them, or the end of a text that was cut.
    _pair(rf"({_BEFORE_QUOTED}\")(?:[^\"\\]|\\.)*+"),
    _pair(rf"({_BEFORE_QUOTED}')(?:[^'\\]|\\.)*+"),
    # JSON inside a JSON string: the value ends at the next quote with one backslash; three belong to the value.
    _pair(rf"({_BEFORE_QUOTED}\\{{1,3}}\")(?:[^\"\\]|\\\\\\\"|\\(?!\"))*+"),
    _pair(rf"({_KEYS}{_QUOTE}?(?:=|:(?!\s|//)))[^\s,;&\"'\]}})\\]++"),
    # "password: x" with a blank is masked when x looks like a secret, and left when it is a word of an error message.
    _pair(rf"({_KEYS}{_QUOTE}?\s{{0,4}}[:=]\s{{1,4}})(?=[^\s,;\"']{{0,80}}[0-9])[^\s,;\"'\]}}\\]{{6,}}+"),
    _pattern(
        '"auth\\ "auth" "auth\\"',
        rf"({_QUOTE}auth{_QUOTE}\s{{0,4}}:\s{{0,4}}{_QUOTE})[A-Za-z0-9+/=_-]{{8,}}+",
        rf"\1{MASK}",
    ),
    _pattern("robot$ robot%24", r"(robot(?:\$|%24)[\w.+-]{1,255}):[^\s,;&\"'\]}@]{6,}+", rf"\1:{MASK}"),
)
"""In the order they are tried."""


_ANY_PAIR = frozenset(_KEY_TRIGGERS.split())


def mask_patterns(text: str) -> str:
    """``text`` with everything that looks like a secret replaced by a mask."""
    low = text.lower()
    has_pair = any(trigger in low for trigger in _ANY_PAIR) and _PAIR.search(text) is not None
    for triggers, regex, replacement, is_pair in PATTERNS:
        if is_pair:
            wanted = has_pair
        elif triggers:
            wanted = any(trigger in low for trigger in triggers)
        else:
            wanted = 60 <= len(text) <= _PEM_LINE
        if wanted:
            text = regex.sub(replacement, text)
    return text
