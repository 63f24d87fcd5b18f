"""No learned secret gets through in any spelling, and what looks like a secret does not either."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harbortui.model.patterns import mask_patterns
from harbortui.model.redact import Cleaner, Redactor
from harbortui.model.secret import MASK, Secret
from harbortui.model.text import is_safe

# A secret that shares characters with the mask could be spelled by the mask itself.
SECRETS = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs",)), min_size=6, max_size=40).filter(
    lambda text: len(text.strip()) >= 6
)
AROUND = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs",)), max_size=30)


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for each in secrets:
        redactor.learn(Secret(each))
    return redactor


@given(SECRETS, AROUND, AROUND)
def test_a_learned_secret_never_gets_through(secret: str, before: str, after: str) -> None:
    redactor = knowing(secret)
    spellings = [secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]]
    for spelling in spellings:
        assert spelling not in redactor(before + spelling + after)
    assert secret not in Cleaner(redactor)(before + secret + after)


@given(SECRETS, st.binary(max_size=8), st.binary(max_size=8))
def test_nor_in_base64_at_any_place(secret: str, before: bytes, after: bytes) -> None:
    assume(len(secret.encode()) >= 8)
    redactor = knowing(secret)
    for encode in (b64encode, urlsafe_b64encode):
        coded = encode(before + secret.encode() + after).decode()
        assert MASK in redactor(coded)
        inner = encode(b"\0" * (len(before) % 3) + secret.encode()).decode()[4:-4].rstrip("=")
        assert len(inner) < 4 or inner not in redactor(coded)


@given(st.lists(SECRETS, min_size=2, max_size=4), AROUND)
def test_nor_when_secrets_overlap(secrets: list[str], around: str) -> None:
    joined = around + "".join(secrets) + secrets[0][:3]
    shown = knowing(*secrets)(joined)
    assert not [each for each in secrets if each in shown]


def test_many_secrets_are_found_as_few_are() -> None:
    secrets = [f"secret-number-{number}-of-many" for number in range(200)]
    text = " ".join(secrets) + " and plain words"
    assert knowing(*secrets)(text) == knowing(*secrets[:200:1])(text)
    assert "secret-number" not in knowing(*secrets)(text)
    assert knowing(*secrets)(text).endswith("and plain words")
    assert knowing(*secrets[:3])(secrets[2]) == MASK


def test_the_lines_of_a_learned_key_are_found_one_by_one() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nc3VyZWx5IG5vdA==\n-----END PRIVATE KEY-----\n"
    assert "MIIEvQIBADANBgkqhkiG" not in knowing(key)("line: MIIEvQIBADANBgkqhkiG")


def test_short_values_are_not_searched_for() -> None:
    assert knowing("admin", "*******")("the admin said *******") == "the admin said *******"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('password=abc user=x', f"password={MASK} user=x"),
        ('{"db_password": "ab\\"c d", "x":1}', f'{{"db_password": "{MASK}", "x":1}}'),
        ('{\\"password\\":\\"ab c\\",\\"u\\":1}', f'{{\\"password\\":\\"{MASK}\\",\\"u\\":1}}'),
        ("{'token': 'a b'}", f"{{'token': '{MASK}'}}"),
        ('"password": "cut off', f'"password": "{MASK}'),
        ('msg="failed" token=abc123 level=info', f'msg="failed" token={MASK} level=info'),
        ("POSTGRESQL_PASSWORD=x S3_SECRETKEY=abc", f"POSTGRESQL_PASSWORD={MASK} S3_SECRETKEY={MASK}"),
        ("password: Hunter22", f"password: {MASK}"),
        ("redis://:pw@redis:6379/1", f"redis://:{MASK}@redis:6379/1"),
        ("redis://user:p/w@redis:6379", f"redis://user:{MASK}@redis:6379"),
        ("https://u:p@h/x", f"https://u:{MASK}@h/x"),
        ("https://abcdefghijklmnopqrstuvwxyz@h/x", f"https://{MASK}@h/x"),
        ("Authorization: Basic abcd== rest", f"Authorization: {MASK} rest"),
        ("map[Authorization:[Bearer abc.def] A:[b]]", f"map[Authorization:[{MASK}] A:[b]]"),
        ("Authorization: Harbor-Secret abc", f"Authorization: {MASK}"),
        ("got Bearer abcdefghijkl1234567", f"got Bearer {MASK}"),
        ("X-Vault-Token: abc X-Nomad-Token: def", f"X-Vault-Token: {MASK} X-Nomad-Token: {MASK}"),
        ("X-Harbor-CSRF-Token: abc", f"X-Harbor-CSRF-Token: {MASK}"),
        ("Set-Cookie: sid=abc; Path=/", f"Set-Cookie: {MASK}"),
        ("is hvs.CAESabcdefgh1234 ok", f"is {MASK} ok"),
        ("is s.abcdefghijklmnopqrstuvw1 ok", f"is {MASK} ok"),
        ("AKIAIOSFODNN7EXAMPLE", MASK),
        ("eyJhbGciOi.eyJzdWIiOiIx.c2ln", MASK),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123", MASK),
        ("?X-Amz-Credential=K%2F2&X-Amz-Signature=ff&y=1", f"?X-Amz-Credential={MASK}&X-Amz-Signature={MASK}&y=1"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nab\n-----END RSA PRIVATE KEY----- b", f"a {MASK} b"),
        ("a -----BEGIN RSA PRIVATE KEY-----\\nab", f"a {MASK}"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", MASK),
        ("robot$ops:abcdefgh12", f"robot$ops:{MASK}"),
        ('{"auths":{"h":{"auth":"dTpwYXNzd29yZA=="}}}', f'{{"auths":{{"h":{{"auth":"{MASK}"}}}}}}'),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret(text: str, shown: str) -> None:
    assert mask_patterns(text) == shown
    assert mask_patterns(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "fetch token: unauthorized",
        "Basic authentication is on",
        "token_ttl=300 num_tokens=3",
        "http://h:80/p?x=a@b",
        "sha256:" + "a" * 64,
        "3f" * 32,
        "permission denied: token has no read-logs",
        "alloc 8ba85cef-531b-4c3f-9b0a-6d1f0a4f3b7a",
        "docker/registry/v2/blobs/sha256/ab/" + "ab" * 32 + "/data",
        "robot$ops-console failed to log in",
    ],
)
def test_what_does_not(text: str) -> None:
    assert Redactor()(text) == text


WORDS = [
    *("password", "token", "=", ":", " ", '"', "'", "\\", "Authorization", "Bearer ", "://", "@", "user", "abc123"),
    *(
        "-----BEGIN A-----",
        "-----END A-----",
        "hvs.abcdefgh1",
        "cookie",
        "x-a-token",
        "[",
        "]",
        "&",
        ";",
        "eyJhbGciOi.",
    ),
    *("a" * 30, "s.", "\n", MASK, "robot$x", "auth"),
]
PIECES = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)


@given(PIECES)
def test_cleaning_again_changes_nothing(text: str) -> None:
    clean = Cleaner(Redactor())
    once = clean(text)
    assert clean(once) == once
    assert is_safe(once)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "eyJ",
        "eyJ ",
        "://",
        "password",
        "password=",
        '"',
        "-----BEGIN A-----",
        "s.",
        "hvs.",
        "@",
        "x-",
        "a:",
        "Bearer ",
    ],
)
def test_hostile_repetition_costs_no_more_than_its_length(piece: str) -> None:
    """Four times the text is far from sixteen times the work, or so little of it that it does not matter."""
    from time import process_time

    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        best = 1e9
        for _ in range(3):
            begin = process_time()
            mask_patterns(text)
            best = min(best, process_time() - begin)
        return best

    assert cost(80_000) < 10 * max(cost(20_000), 0.01)


def test_what_is_learned_later_is_masked_although_it_was_harmless_before() -> None:
    clean = Cleaner(Redactor())
    assert clean("open-sesame") == clean("open-sesame") == "open-sesame"
    clean.redactor.learn(Secret("open-sesame"))
    assert clean("open-sesame") == MASK


def test_a_remembered_text_is_still_cut() -> None:
    clean = Cleaner(Redactor())
    assert clean("harbor-vm-06 is well") == "harbor-vm-06 is well"
    assert len(clean("harbor-vm-06 is well", 12)) == 12
