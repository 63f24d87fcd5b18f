"""Harbor's words for failed replications, as real ones said them, and what is made of them."""

from __future__ import annotations

import pytest

from harbortui.diagnose.causes import meaning

DIAL = "dial tcp 127.0.0.1:18100: connect: connection refused"
CASES = {
    f'failed to create adapter for destination registry http://127.0.0.1:18100: Get "http://x": {DIAL}': (
        "push",
        "site-b cannot be reached",
    ),
    f'failed to create adapter for source registry http://127.0.0.1:18001: Get "http://127.0.0.1:8080": {DIAL}': (
        "push",
        "this Harbor, asked by itself, cannot be reached",
    ),
    "failed to create adapter for source registry http://127.0.0.1:18100: http error: code 502, message <html>": (
        "pull",
        "site-b answers as broken, or its front cannot reach core",
    ),
    "failed to do the prepare work for pushing/uploading resources: http error: code 401, message "
    '{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized"}]}': ("push", "site-b refuses the credentials"),
    'http error: code 500, message {"code":10003,"message":"launch job failed with error","details":"dial tcp"}': (
        "push",
        "this Harbor could not hand the job to its job service",
    ),
    'Post "http://127.0.0.1:18002/api/v1/jobs": dial tcp 127.0.0.1:18002: connect: connection refused': (
        "pull",
        "this Harbor could not hand the job to its job service",
    ),
    "failed to do the prepare work for pushing/uploading resources: http error: code 403, message "
    '{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}': ("push", "site-b does not permit it"),
    "tls: failed to verify certificate: x509: certificate signed by unknown authority": (
        "pull",
        "the certificate of site-b is not trusted",
    ),
    "no resources need to be replicated": ("push", ""),
    "": ("push", ""),
}


@pytest.mark.parametrize("text", CASES)
def test_what_a_text_means(text: str) -> None:
    direction, words = CASES[text]
    assert meaning(text, direction, "site-b") == words


def test_without_a_policy_the_peer_has_no_name() -> None:
    assert meaning("http error: code 401", "", "") == "the other side refuses the credentials"
