"""What botocore's exceptions and S3's error answers mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from harbortui.model.failure import Failure, FailureKind
from harbortui.sources.errors import failure_of
from harbortui.sources.headers import retry_after
from harbortui.sources.refusals import Redirected

K = FailureKind

SKEW_SECONDS = 300.0
"""S3 servers refuse signatures that are 15 minutes off; from five on it is worth a word."""

BOTOCORE: dict[str, tuple[FailureKind, str]] = {
    "BotoCoreError": (K.LOCAL, "boto3 could not ask"),
    "ClientError": (K.SERVER, "the object store refused"),
    "ChecksumError": (K.PROTOCOL, "a wrong checksum"),
    "FlexibleChecksumError": (K.PROTOCOL, "a wrong checksum"),
    "ConnectTimeoutError": (K.TIMEOUT, "no answer in time"),
    "ReadTimeoutError": (K.TIMEOUT, "no answer in time"),
    "ConnectionClosedError": (K.RESET, "the connection broke"),
    "ConnectionError": (K.REFUSED, "connection failed"),
    "EndpointConnectionError": (K.REFUSED, "connection failed"),
    "ProxyConnectionError": (K.REFUSED, "the proxy refused"),
    "HTTPClientError": (K.RESET, "the connection broke"),
    "IncompleteReadError": (K.RESET, "the connection broke"),
    "ResponseStreamingError": (K.RESET, "the connection broke"),
    "SSLError": (K.TLS, "TLS failed"),
    "EventStreamError": (K.PROTOCOL, "not a valid answer"),
    "NoCredentialsError": (K.NO_CREDENTIALS, "no access key"),
    "PartialCredentialsError": (K.NO_CREDENTIALS, "half an access key"),
    "NoAuthTokenError": (K.NO_CREDENTIALS, "no access key"),
    "CapacityNotAvailableError": (K.RATE_LIMITED, "slowed down"),
}
"""Exceptions of botocore that a call can end with."""

OURSELVES = frozenset(
    """AliasConflictParameterError ApiVersionNotFoundError AwsChunkedWrapperError BaseEndpointResolverError
    ConfigNotFound ConfigParseError CredentialRetrievalError DataNotFoundError EndpointProviderError
    EndpointResolutionError
    EndpointVariantError ImminentRemovalWarning InfiniteLoopConfigError InvalidChecksumConfigError InvalidConfigError
    InvalidDNSNameError InvalidDefaultsMode InvalidEndpointConfigurationError InvalidEndpointDiscoveryConfigurationError
    InvalidExpressionError InvalidHostLabelError InvalidIMDSEndpointError InvalidIMDSEndpointModeError
    InvalidMaxRetryAttemptsError InvalidProxiesConfigError InvalidRegionError InvalidRetryConfigurationError
    InvalidRetryModeError InvalidS3AddressingStyleError InvalidS3UsEast1RegionalEndpointConfigError
    InvalidSTSRegionalEndpointsConfigError LoginAuthorizationCodeError LoginError LoginInsufficientPermissions
    LoginRefreshRequired LoginTokenLoadError MD5UnavailableError MetadataRetrievalError MissingDependencyException
    MissingParametersError MissingServiceIdError NoRegionError OperationNotPageableError PaginationError
    ParamValidationError ProfileNotFound RangeError RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError
    ServiceNotInRegionError StubAssertionError StubResponseError TokenRetrievalError UnStubbedResponseError
    UnauthorizedSSOTokenError UndefinedModelAttributeError UnknownClientMethodError UnknownCredentialError
    UnknownEndpointError UnknownEndpointResolutionBuiltInName UnknownFIPSEndpointError UnknownKeyError
    UnknownParameterError UnknownRegionError UnknownServiceError UnknownServiceStyle UnknownSignatureVersionError
    UnknownTokenProviderError UnseekableStreamError UnsupportedOutpostResourceError
    UnsupportedS3AccesspointConfigurationError UnsupportedS3ArnError UnsupportedS3ConfigurationError
    UnsupportedS3ControlArnError UnsupportedS3ControlConfigurationError UnsupportedServiceProtocolsError
    UnsupportedSignatureVersionError UnsupportedTLSVersionWarning ValidationError WaiterConfigError
    WaiterError""".split()  # noqa: SIM905 - as a list literal it would take eighty lines
)
"""Exceptions about what we told botocore or about its own data: ``LOCAL``."""

CODES: dict[str, tuple[FailureKind, str]] = {
    "NoSuchBucket": (K.NOT_FOUND, "no such bucket"),
    "NoSuchUpload": (K.NOT_FOUND, "no such upload"),
    "404": (K.NOT_FOUND, "no such bucket"),
    "AccessDenied": (K.FORBIDDEN, "the key may not list this bucket"),
    "AllAccessDisabled": (K.FORBIDDEN, "access to the bucket is disabled"),
    "403": (K.FORBIDDEN, "the key is wrong, or may not list this bucket"),
    "InvalidAccessKeyId": (K.AUTH, "the store does not know the access key"),
    "SignatureDoesNotMatch": (K.AUTH, "the secret key is wrong"),
    "ExpiredToken": (K.AUTH, "the access key has expired"),
    "InvalidToken": (K.AUTH, "the access key is not valid"),
    "RequestTimeTooSkewed": (K.LOCAL, "our clock differs too much from the store's"),
    "RequestExpired": (K.LOCAL, "our clock differs too much from the store's"),
    "AuthorizationHeaderMalformed": (K.LOCAL, "the configured region is not the bucket's"),
    "400": (K.LOCAL, "the store refused the signature: check region and clock"),
    "301": (K.REDIRECT, "the bucket is in another region or at another endpoint"),
    "PermanentRedirect": (K.REDIRECT, "the bucket is in another region or at another endpoint"),
    "SlowDown": (K.RATE_LIMITED, "the store asks to slow down"),
    "SlowDownRead": (K.SERVER, "too few drives are online to read"),
    "SlowDownWrite": (K.SERVER, "too few drives are online to write"),
    "TooManyRequests": (K.RATE_LIMITED, "the store asks to slow down"),
    "429": (K.RATE_LIMITED, "the store asks to slow down"),
    "RequestTimeout": (K.TIMEOUT, "the store gave up on the request"),
    "NotImplemented": (K.PROTOCOL, "the store does not implement this"),
    "XMinioServerNotInitialized": (K.SERVER, "MinIO is not initialised yet"),
}
"""Error codes of S3; the answer to a HEAD has no body, so botocore's code is then its status."""


def is_bare(error: BaseException) -> bool:
    """True for a refusal without a code, as the answer to a HEAD is everywhere but at MinIO."""
    response = getattr(error, "response", None)
    if _entry(type(error)) is None or not isinstance(response, Mapping):
        return False
    return _status(response) in (400, 403, 503) and _code(response).isdigit()


def failure_of_s3(error: BaseException, *, clean: Callable[[str], str], now: float, code: str = "") -> Failure:
    """The failure an exception of a boto3 call stands for; what sockets, TLS and guards said beneath it comes first.

    ``code`` is S3's, when it is known better than from the exception.
    """
    response = getattr(error, "response", None)
    if _entry(type(error)) is not None and isinstance(response, Mapping):
        return _answered(response, clean, now, code or _code(response))
    if isinstance(error, Redirected):
        words = str(error) if "without" not in str(error) else CODES["301"][1]
        return Failure(kind=K.REDIRECT, detail=clean(words), at=now, status=error.status)
    beneath = getattr(error, "kwargs", {}).get("error")
    if isinstance(beneath, BaseException):
        return failure_of_s3(beneath, clean=clean, now=now)
    known = next((found for each in type(error).__mro__ if (found := _entry(each)) is not None), None)
    if known is None:
        return failure_of(error, clean=clean, at=now)
    return Failure(kind=known[0], detail=clean(known[1]), at=now)


def entry_of(kind: type[BaseException]) -> tuple[FailureKind, str] | None:
    """What a class of botocore's means by its own entry; None when it has none."""
    return _entry(kind)


def _entry(kind: type[BaseException]) -> tuple[FailureKind, str] | None:
    if not any(each.__module__ == "botocore.exceptions" for each in kind.__mro__[:2]):
        return None
    if kind.__name__ in OURSELVES:
        return K.LOCAL, f"boto3 could not ask ({kind.__name__})"
    if kind.__module__ != "botocore.exceptions":
        return BOTOCORE["ClientError"]  # classes that a client makes of its service's error codes
    return BOTOCORE.get(kind.__name__)


def _headers(response: Mapping[str, Any]) -> Mapping[str, str]:
    headers: Mapping[str, str] = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers


def _status(response: Mapping[str, Any]) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _code(response: Mapping[str, Any]) -> str:
    # MinIO names the code of a HEAD in a header.
    named = _headers(response).get("x-minio-error-code") or str(response.get("Error", {}).get("Code", ""))
    return named or str(_status(response))


def _answered(response: Mapping[str, Any], clean: Callable[[str], str], now: float, code: str) -> Failure:
    return failure_of_code(code, _status(response), _headers(response), clean=clean, now=now)


def failure_of_code(
    code: str,
    status: int,
    headers: Mapping[str, str],
    *,
    clean: Callable[[str], str],
    now: float,
    needs: str = "s3:ListBucket",
) -> Failure:
    """The failure an error answer stands for: S3's code (or its HTTP status); ``needs`` is the right it asks for."""
    kind, words = CODES.get(code or str(status)) or _by_status(status, code or str(status))
    return Failure(
        kind=kind,
        detail=clean(words),
        at=now,
        status=status or None,
        needs=needs if kind is K.FORBIDDEN else "",
        retry_after=retry_after(headers.get("retry-after", ""), now),
    )


def skewed(failure: Failure, skew: float | None, clean: Callable[[str], str]) -> Failure:
    """A refused signature's failure, with the clocks' difference (the store's minus ours) where it is the reason."""
    if failure.status not in (400, 403) or skew is None or abs(skew) < SKEW_SECONDS:
        return failure
    words = f"this host's clock is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the store's"
    return replace(failure, kind=K.LOCAL, detail=clean(words), needs="")


def _by_status(status: int, code: str) -> tuple[FailureKind, str]:
    known = CODES.get(str(status))
    if known is not None:
        return known
    if status == 503:
        return K.SERVER, "the store is unavailable or asks to slow down (503)"
    return K.SERVER if status >= 500 else K.PROTOCOL, f"the store answered {status} {code}".rstrip()
