"""Signature Version 4 against AWS's published examples and botocore's signer."""

from __future__ import annotations

import calendar
import hashlib
import time
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from harbortui.sim.store.chunked import plain_body
from harbortui.sim.store.errors import Refused
from harbortui.sim.store.sigv4 import Signed, SignedRequest, is_signed, verify

# The key, requests and signatures of the examples in the Amazon S3 API reference ("Signature calculations").
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SECRETS = {KEY: SECRET}
AT = float(calendar.timegm((2013, 5, 24, 0, 0, 0)))
EMPTY = hashlib.sha256(b"").hexdigest()
SCOPE = "20130524/us-east-1/s3/aws4_request"
GET_SIGNATURE = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)


def example(**changes: str) -> SignedRequest:
    names = "host;range;x-amz-content-sha256;x-amz-date"
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": "20130524T000000Z",
        "authorization": (f"AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE},SignedHeaders={names},Signature={GET_SIGNATURE}"),
    }
    return SignedRequest("GET", "/test.txt", "", {**headers, **changes})


def test_the_published_example_with_headers() -> None:
    assert verify(example(), SECRETS, [AT]).access_key == KEY


def test_the_published_example_with_a_query() -> None:
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
        "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    request = SignedRequest("GET", "/test.txt", query, {"host": "examplebucket.s3.amazonaws.com"})
    assert verify(request, SECRETS, [AT + 86_000]).access_key == KEY
    for now, words in ((AT + 86_401, "expired"), (AT - 901, "not valid yet")):
        with pytest.raises(Refused, match=words):
            verify(request, SECRETS, [now])


def chunked_example() -> tuple[SignedRequest, bytes]:
    parts = [(b"a" * 65_536, CHUNKS[0]), (b"a" * 1024, CHUNKS[1]), (b"", CHUNKS[2])]
    body = b"".join(f"{len(data):x};chunk-signature={sig}\r\n".encode() + data + b"\r\n" for data, sig in parts)
    names = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class"
    )
    headers = {
        "host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "content-length": "66824",
        "authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE},SignedHeaders={names},Signature={SEED}",
    }
    return SignedRequest("PUT", "/examplebucket/chunkObject.txt", "", headers, body), body


def test_the_published_example_in_signed_chunks() -> None:
    request, body = chunked_example()
    signed = verify(request, SECRETS, [AT])
    assert plain_body(body, request.headers, signed) == b"a" * 66_560


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"aaaa", b"aaab", "SignatureDoesNotMatch"),
        (b"10000;", b"xyz;", "IncompleteBody"),
        (b"\r\n0;chunk", b"\r\n9;chunk", "IncompleteBody"),
    ],
)
def test_a_chunk_that_was_changed_is_refused(old: bytes, new: bytes, code: str) -> None:
    request, body = chunked_example()
    signed = verify(request, SECRETS, [AT])
    with pytest.raises(Refused) as refused:
        plain_body(body.replace(old, new, 1), request.headers, signed)
    assert refused.value.code == code


def test_chunks_without_signatures_and_a_wrong_length() -> None:
    signed = Signed(KEY, SCOPE, "", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "", b"")
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
    assert plain_body(body, {"x-amz-decoded-content-length": "5"}, signed) == b"hello"
    with pytest.raises(Refused, match="IncompleteBody"):
        plain_body(body, {"x-amz-decoded-content-length": "6"}, signed)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"range": "bytes=0-8"}, "SignatureDoesNotMatch"),
        ({"x-amz-meta-added": "1"}, "AccessDenied"),
        ({"x-amz-content-sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
        ({"x-amz-content-sha256": ""}, "InvalidRequest"),
        ({"x-amz-date": "20130524T001600Z"}, "RequestTimeTooSkewed"),
        ({"x-amz-date": "yesterday"}, "AuthorizationHeaderMalformed"),
        ({"x-amz-date": "20130525T000000Z"}, "AuthorizationHeaderMalformed"),
        ({"authorization": "Basic eDp5"}, "InvalidRequest"),
        ({"authorization": "AWS key:signature"}, "InvalidRequest"),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=x"}, "AuthorizationHeaderMalformed"),
        ({"authorization": ""}, "AccessDenied"),
    ],
)
def test_what_is_refused(change: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        verify(example(**change), SECRETS, [AT])
    assert refused.value.code == code


@pytest.mark.parametrize(("off", "accepted"), [(899, True), (-899, True), (901, False), (-901, False)])
def test_clocks_may_differ_by_fifteen_minutes(off: float, accepted: bool) -> None:
    if accepted:
        assert verify(example(), SECRETS, [AT + off]).access_key == KEY
        return
    with pytest.raises(Refused) as refused:
        verify(example(), SECRETS, [AT + off])
    assert (refused.value.code, refused.value.status) == ("RequestTimeTooSkewed", 403)
    assert verify(example(), SECRETS, [AT + off, AT]).access_key == KEY


def test_keys_secrets_and_regions() -> None:
    for secrets, region, code in (
        ({"other": SECRET}, "", "InvalidAccessKeyId"),
        ({KEY: SECRET + "x"}, "", "SignatureDoesNotMatch"),
        (SECRETS, "eu-central-1", "AuthorizationHeaderMalformed"),
    ):
        with pytest.raises(Refused) as refused:
            verify(example(), secrets, [AT], region)
        assert refused.value.code == code
    assert verify(example(), SECRETS, [AT], "us-east-1").access_key == KEY


KEYS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(key=KEYS, values=st.dictionaries(st.sampled_from(["prefix", "marker", "delimiter", "acl"]), KEYS, max_size=3))
def test_whatever_botocore_signs_is_accepted(key: str, values: dict[str, str]) -> None:
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in values.items())
    url = f"http://127.0.0.1:9000/harbor/{quote(key, safe='/~')}?{query}"
    request = AWSRequest(method="PUT", url=url, data=b"body", headers={"Host": "127.0.0.1:9000"})
    S3SigV4Auth(Credentials("key", SECRET), "s3", "us-east-1").add_auth(request)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    parts = urlsplit(request.url)
    sent = SignedRequest("PUT", parts.path, parts.query, headers, b"body")
    assert verify(sent, {"key": SECRET}, [time.time()], "us-east-1").access_key == "key"
    other = SignedRequest("PUT", parts.path + "x", parts.query, headers, b"body")
    with pytest.raises(Refused, match="SignatureDoesNotMatch"):
        verify(other, {"key": SECRET}, [time.time()])


def test_botocores_presigned_urls_are_accepted() -> None:
    request = AWSRequest(method="GET", url="http://127.0.0.1:9000/harbor/a%20b")
    S3SigV4QueryAuth(Credentials("key", SECRET), "s3", "us-east-1", expires=60).add_auth(request)
    parts = urlsplit(request.url)
    sent = SignedRequest("GET", parts.path, parts.query, {"host": parts.netloc})
    assert is_signed(sent)
    assert verify(sent, {"key": SECRET}, [time.time()], "us-east-1").access_key == "key"
    for old, new in (("Expires=60", "Expires=6e1"), ("Expires=60", "Expires=700000"), ("HMAC-SHA256", "HMAC-MD5")):
        changed = SignedRequest("GET", parts.path, parts.query.replace(old, new), sent.headers)
        with pytest.raises(Refused) as refused:
            verify(changed, {"key": SECRET}, [time.time()])
        assert refused.value.code == "AuthorizationQueryParametersError"


@settings(max_examples=150, deadline=None)
@given(authorization=st.text(max_size=80), query=st.text(max_size=80), date=st.text(max_size=20))
def test_hostile_claims_are_refused_and_never_raise_otherwise(authorization: str, query: str, date: str) -> None:
    for text in (authorization, f"AWS4-HMAC-SHA256 Credential={authorization}, SignedHeaders=host, Signature={query}"):
        headers = {"host": "h", "authorization": text, "x-amz-date": date, "x-amz-content-sha256": EMPTY}
        for raw in (query, f"X-Amz-Signature={query}&X-Amz-Credential={authorization}"):
            with pytest.raises(Refused):
                verify(SignedRequest("GET", "/b", raw, headers), SECRETS, [AT])
