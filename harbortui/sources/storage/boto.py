"""boto3 cut off from its surroundings: AWS_* variables, ~/.aws and instance metadata have no influence.

botocore looks into the environment, into two files and at 169.254.169.254 for anything it is not told. On a jump host
that means another team's key, or a minute's hang. So every setting it could look up is pinned to its default, its
models come from the package alone, and credentials are always given.
"""

from __future__ import annotations

import functools
import os
import threading
from typing import TYPE_CHECKING, Any

from harbortui.sources.credentials import Credentials
from harbortui.sources.origin import Origin

if TYPE_CHECKING:
    import boto3
    from botocore.session import Session as CoreSession
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 3
READ_SECONDS = 10

_making = threading.Lock()
"""Sessions are not thread-safe, clients are."""


def make_client(endpoint: Origin, region: str, credentials: Credentials) -> S3Client:
    """A client of one endpoint with these credentials; the first costs about 140 ms and 15 MB: call it in a thread."""
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        # One attempt: our own back-off decides when to try again, and total deadlines must hold.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        # Virtual-host names need wildcard DNS and certificates, which MinIO and RGW installations rarely have.
        s3={"addressing_style": "path"},
        # From 1.36 on boto3 adds checksums that other stores refuse (boto/boto3#4398).
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra="harbortui",
    )
    with _making:
        client: S3Client = _session().client(
            "s3",
            region_name=region,
            endpoint_url=endpoint.url,
            aws_access_key_id=credentials.user,
            aws_secret_access_key=credentials.secret.reveal(),
            config=config,
        )
    return client


@functools.cache
def _session() -> boto3.session.Session:
    import boto3
    from botocore.session import Session

    core = Session()
    _pin(core)
    return boto3.session.Session(botocore_session=core)


def _pin(core: CoreSession) -> None:
    from botocore import configprovider, loaders

    from harbortui.sources.storage.models import LeanFileLoader

    pinned: dict[str, Any] = {
        name: default for name, (_, _, default, _) in configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    pinned |= {
        "config_file": os.devnull,
        "credentials_file": os.devnull,
        "ec2_metadata_v1_disabled": True,
        "ignore_configured_endpoint_urls": True,
        "s3": None,
        "proxies_config": None,
    }
    store = core.get_component("config_store")
    for name, value in pinned.items():
        store.set_config_provider(name, configprovider.ConstantProvider(value))
    loader = loaders.Loader(
        extra_search_paths=[loaders.Loader.BUILTIN_DATA_PATH],
        include_default_search_paths=False,
        file_loader=LeanFileLoader(),
    )
    core.register_component("data_loader", loader)
