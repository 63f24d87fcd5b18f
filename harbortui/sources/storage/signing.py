"""Signing of the requests that are not S3's own, with botocore's signer (Signature Version 4)."""

from __future__ import annotations

from collections.abc import Mapping

from harbortui.sources.credentials import Credentials


def signed_headers(url: str, region: str, credentials: Credentials) -> dict[str, str]:
    """The headers that make a bodyless GET of ``url`` ours; imports botocore, so call it in a thread."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Keys

    request = AWSRequest(method="GET", url=url)
    # The payload's hash is signed over TLS too: MinIO's admin API refuses UNSIGNED-PAYLOAD.
    request.context["payload_signing_enabled"] = True
    S3SigV4Auth(Keys(credentials.user, credentials.secret.reveal()), "s3", region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}


def signed_post(
    url: str, service: str, region: str, body: bytes, headers: Mapping[str, str], credentials: Credentials
) -> dict[str, str]:
    """The headers that make a POST of ``body`` ours; ``headers`` are signed too. Call it in a thread."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Keys

    request = AWSRequest(method="POST", url=url, data=body, headers=dict(headers))
    SigV4Auth(Keys(credentials.user, credentials.secret.reveal()), service, region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}
