"""The pruned botocore data behaves as the whole of it, for what the console asks."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import loaders
from botocore.session import Session

from harbortui.sources.storage.models import OPERATIONS, LeanFileLoader

DATA = loaders.Loader.BUILTIN_DATA_PATH


def session(*, lean: bool) -> Session:
    made = Session()
    file_loader = LeanFileLoader() if lean else loaders.JSONFileLoader()
    made.register_component(
        "data_loader",
        loaders.Loader(extra_search_paths=[DATA], include_default_search_paths=False, file_loader=file_loader),
    )
    return made


def client(*, lean: bool, **options: Any) -> Any:
    return session(lean=lean).create_client("s3", aws_access_key_id="a", aws_secret_access_key="b", **options)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_keeps_its_whole_shape(operation: str) -> None:
    ours, whole = (client(lean=lean, region_name="us-east-1").meta.service_model for lean in (True, False))
    for side in ("input_shape", "output_shape"):
        one, other = (getattr(model.operation_model(operation), side) for model in (ours, whole))
        assert one.name == other.name
        assert {name: member.type_name for name, member in one.members.items()} == {
            name: member.type_name for name, member in other.members.items()
        }
    assert ours.operation_model(operation).http == whole.operation_model(operation).http


def test_nothing_else_can_be_called() -> None:
    ours = client(lean=True, region_name="us-east-1")
    assert not hasattr(ours, "put_object") and not hasattr(ours, "delete_bucket")
    assert sorted(ours.meta.service_model.operation_names) == sorted(OPERATIONS)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
def test_addresses_of_aws_itself_are_found_as_before(region: str) -> None:
    assert (
        client(lean=True, region_name=region).meta.endpoint_url
        == client(lean=False, region_name=region).meta.endpoint_url
    )


def test_other_data_is_read_as_usual() -> None:
    assert session(lean=True).get_data("sts/2011-06-15/service-2") == session(lean=False).get_data(
        "sts/2011-06-15/service-2"
    )
    assert LeanFileLoader().load_file(f"{DATA}/no-such-file") is None
