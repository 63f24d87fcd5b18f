"""What policies add up to, what is granted, and that the table of panes and keys is whole."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbortui.collect.lookups import harbor_lookups
from harbortui.model.jobfacts import PolicyText
from harbortui.model.snapshot import INSTANCE_FACETS
from harbortui.probes.grants import harbor, nomad, s3, vault
from harbortui.probes.hcl import NotUnderstood, parse
from harbortui.probes.nomad_rights import READ, WRITE, granted_by
from harbortui.probes.result import Role
from harbortui.probes.views import FACET_NEEDS, KEYS, PANES, WORDS, rights_of
from harbortui.sim.harbor.grants import grantable
from harbortui.sources.harbor.policy import NEEDS, PROJECT_NEEDS

RULES = """
# a comment { with brackets }
namespace "default" { policy = "read" capabilities = ["read-logs", "alloc-lifecycle",] }
namespace "team-*" {
  policy = "write" // all of it
  variables { path "*" { capabilities = ["read"] } }
}
namespace "team-secret" { policy = "deny" }
/* node { policy = "write" } */
node { policy = "read" }
operator = { policy = "write" }
"""


def rules(*texts: str):  # type: ignore[no-untyped-def]
    return granted_by(PolicyText(name=str(number), rules=text) for number, text in enumerate(texts))


def test_policies_add_up_as_nomad_does_it() -> None:
    found = rules(RULES)
    assert found.understood
    assert found.may("read-logs", "default") and found.may("read-job", "default")
    assert not found.may("submit-job", "default") and not found.may("read-job", "elsewhere")
    assert found.may("submit-job", "team-a") and not found.may("read-job", "team-secret")
    assert found.may("node:read", "x") and not found.may("node:write", "x") and found.may("operator:write", "x")
    assert found.variables == {"team-*"}


def test_several_policies_and_the_nearest_pattern() -> None:
    found = rules('namespace "*" { policy = "read" }', 'namespace "prod-*" { capabilities = ["read-logs"] }')
    assert found.may("read-job", "dev") and not found.may("read-job", "prod-1") and found.may("read-logs", "prod-1")
    both = rules('namespace "a" { policy = "read" }', 'namespace "a" { policy = "deny" }')
    assert not both.may("read-job", "a")


def test_policies_as_json() -> None:
    text = json.dumps(
        {"namespace": {"default": {"policy": "read", "capabilities": ["read-logs"]}}, "node": {"policy": "read"}}
    )
    found = rules(text)
    assert found.may("read-logs", "default") and found.may("node:read", "")


@pytest.mark.parametrize(
    "text",
    [
        "namespace {{",
        "}",
        'namespace "a" {',
        "a = = b",
        "\x00",
        '{"namespace": 5}',
        "a" * 100_000 + " %",
        "x { " * 50 + "}" * 50,
    ],
)
def test_what_is_not_understood_concludes_nothing(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(text)
    assert not rules(text).understood


@given(st.text(alphabet='{}[]"=, \nabc#/*:', max_size=120))
def test_any_text_is_understood_or_not(text: str) -> None:
    with contextlib.suppress(NotUnderstood):
        parse(text)


def test_the_shorthands_of_nomad() -> None:
    assert "read-logs" not in READ and "alloc-lifecycle" not in READ and READ < WRITE
    assert {"submit-job", "alloc-exec", "read-fs"} <= WRITE


@pytest.mark.parametrize("version", [None, (1, 10, 5), (1, 11, 2), (2, 0, 0)])
@pytest.mark.parametrize("role", Role)
def test_a_nomad_policy_allows_what_its_role_needs_and_no_more(role: Role, version: tuple[int, ...] | None) -> None:
    found = rules(nomad.policy(role, ["default", "team"], version))
    allowed = set(nomad.capabilities(role, version))
    for space in ("default", "team"):
        assert found.namespaces[space] == allowed
    assert set(found.namespaces) == {"default", "team"} and found.wide == {"node": "read"}
    assert allowed.isdisjoint({"alloc-exec", "alloc-node-exec", "read-fs", "dispatch-job", "sentinel-override"})
    assert ("submit-job" in allowed) is (role is Role.DEPLOYER and (version or (0,)) < nomad.FINE_GRAINED)
    assert ("alloc-lifecycle" in allowed) is (role is not Role.VIEWER)


def test_roles_grow() -> None:
    for system in ("Nomad", "Harbor", "S3"):
        viewer, operator, deployer = (set(rights_of(role, system)) for role in Role)
        assert viewer <= operator <= deployer
    assert set(rights_of(Role.OPERATOR, "Harbor")) == set(rights_of(Role.DEPLOYER, "Harbor"))


def test_the_viewers_robot_has_exactly_what_the_console_asks() -> None:
    assert set(harbor.permissions(Role.VIEWER, (2, 14))) == set(NEEDS.values())


@pytest.mark.parametrize("version", [(2, 11, 2), (2, 12, 0), (2, 14, 4)])
@pytest.mark.parametrize("role", Role)
def test_a_robot_can_be_granted_by_its_version(role: Role, version: tuple[int, int, int]) -> None:
    body = json.loads(harbor.robot(role, version))
    permission, projects = body["permissions"]
    assert (projects["kind"], projects["namespace"]) == ("project", "*")
    seen = {f"{each['resource']}:{each['action']}" for each in projects["access"]}
    assert seen == set(PROJECT_NEEDS.values()) and seen <= set(grantable(version)[1])
    assert (body["level"], permission["kind"], permission["namespace"]) == ("system", "system", "/")
    wanted = {f"{each['resource']}:{each['action']}" for each in permission["access"]}
    assert wanted <= set(grantable(version)[0]) and not any(each.startswith(("robot:", "user:")) for each in wanted)
    assert all(right.endswith((":list", ":read")) for right in wanted) is (role is Role.VIEWER)


def test_a_vault_policy_reads_its_paths_and_nothing_else() -> None:
    text = vault.policy(("kv/data/harbortui/viewer",))
    blocks = {block.label: block.lists["capabilities"] for block in parse(text).blocks}
    assert blocks == {
        "kv/data/harbortui/viewer": ("read",),
        "auth/token/lookup-self": ("read",),
        "auth/token/renew-self": ("update",),
        "sys/capabilities-self": ("update",),
    }
    assert vault.own_path("kv/data/harbor", Role.OPERATOR) == "kv/data/harbortui/operator"
    assert vault.own_path("secret/harbor", Role.VIEWER) == "secret/harbortui/viewer"


def test_an_s3_policy_lists_and_never_reads() -> None:
    document = json.loads(s3.policy(["a", "b", "a"]))
    actions = {action for statement in document["Statement"] for action in statement["Action"]}
    assert "s3:ListBucket" in actions and all(action.startswith(("s3:List", "s3:Get")) for action in actions)
    assert not actions & {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:*"}
    assert document["Statement"][0]["Resource"] == ["arn:aws:s3:::a", "arn:aws:s3:::b"]
    assert set(rights_of(Role.DEPLOYER, "S3")) <= actions


def test_an_s3_policy_comes_as_its_store_takes_it() -> None:
    (aws,) = s3.grants(Role.VIEWER, ["a", "b"], "https://s3.eu-1.amazonaws.com", "AWS S3")
    assert "cloudwatch:GetMetricData" in aws.text and all(each.startswith("aws iam ") for each in aws.commands)
    (minio,) = s3.grants(Role.VIEWER, ["a", "b"], "https://s3.example.org", "MinIO")
    assert "Principal" not in minio.text and "mc admin user add" in minio.commands[1]
    each = list(s3.grants(Role.VIEWER, ["a", "b", "a"], "https://s3.example.org", "Ceph RGW"))
    assert [grant.title for grant in each] == [
        f"S3 bucket policy of {bucket} at https://s3.example.org" for bucket in "ab"
    ]
    for grant, bucket in zip(each, "ab", strict=True):
        for statement in json.loads(grant.text)["Statement"]:
            assert statement["Principal"] == {"AWS": ["arn:aws:iam:::user/harbortui"]}
            assert {resource.removesuffix("/*") for resource in statement["Resource"]} == {f"arn:aws:s3:::{bucket}"}
        assert f"--bucket {bucket} " in grant.commands[-1] and "--max-buckets=-1" in grant.commands[0]


def test_every_facet_has_its_pane_its_words_and_its_needs() -> None:
    shown = {facet for pane in PANES for facet in pane.facets}
    assert set(INSTANCE_FACETS) - {"account"} <= shown | {"health"}
    assert shown <= set(FACET_NEEDS) and set(FACET_NEEDS) == set(WORDS)
    asked = {lookup.key.facet for lookup in harbor_lookups("x", _Nothing(), 1.0)}  # type: ignore[arg-type]
    assert asked <= set(FACET_NEEDS)
    harbor_rights = {need.name for needs in FACET_NEEDS.values() for need in needs if need.system == "Harbor"}
    assert harbor_rights - {"credentials"} == set(NEEDS.values())
    assert all(key.role is not Role.VIEWER for key in KEYS), "lowercase keys look and need nothing of their own"


class _Nothing:
    """Any method."""

    def __getattr__(self, name: str) -> object:
        return lambda: None


@pytest.mark.parametrize(
    ("texts", "version"),
    [
        (["1.10.5"], (1, 10, 5)),
        (["1.11.2+ent", "1.9.7-dev"], (1, 9, 7)),
        (["x"], None),
        ([], None),
        (["1.9.7", ""], None),
    ],
)
def test_versions(texts: list[str], version: tuple[int, ...] | None) -> None:
    assert nomad.version_of(texts) == version
    assert harbor.version_of("v2.11.2-6e5ccb15") == (2, 11, 2) and harbor.version_of("dev") is None


def test_secrets_of_several_instances_do_not_become_one() -> None:
    paths = {"kv/data/nas": ("robot",), "kv/data/vm": ("robot",), "kv/data/minio": ("s3_access_key",)}
    own = vault.own_paths(paths, Role.VIEWER)
    assert len({own["kv/data/nas"], own["kv/data/vm"]}) == 2
    assert all(path.startswith("kv/data/harbortui/viewer/") for path in own.values())
    grant = vault.grant(Role.VIEWER, paths, move=True)
    assert all(path in grant.text for path in own.values())
    assert sum(command.startswith("vault kv put kv/harbortui/viewer/") for command in grant.commands) == 3
    apart = {"kv/data/a": ("robot",), "kv/data/b": ("s3",)}
    assert set(vault.own_paths(apart, Role.VIEWER).values()) == {"kv/data/harbortui/viewer"}


def test_a_path_that_is_the_roles_own_already_is_kept() -> None:
    grant = vault.grant(Role.OPERATOR, {"kv/data/harbortui/operator": ("robot",)}, move=True)
    assert not any("kv put" in command for command in grant.commands) and "becomes" not in " ".join(grant.notes)


def test_the_robot_is_made_on_every_harbor() -> None:
    few = harbor.grant(Role.VIEWER, [(2, 14)], ["https://a", "https://b", "https://a"])
    assert [command.split()[-1] for command in few.commands] == [f"https://{name}/api/v2.0/robots" for name in "ab"]
    (many,) = harbor.grant(Role.VIEWER, [(2, 14)], [f"https://h{number}" for number in range(9)]).commands
    assert all(f"https://h{number}" in many for number in range(9))
    (odd,) = harbor.grant(Role.VIEWER, [], ["https://h/$(reboot)"]).commands
    assert "'https://h/$(reboot)/api/v2.0/robots'" in odd


@pytest.mark.parametrize(
    ("endpoint", "arn"),
    [
        ("https://s3.eu-central-1.amazonaws.com", "arn:aws:s3:::a"),
        ("https://s3.cn-north-1.amazonaws.com.cn:443", "arn:aws-cn:s3:::a"),
        ("https://s3.us-gov-west-1.amazonaws.com", "arn:aws-us-gov:s3:::a"),
        ("https://minio.example.cn", "arn:aws:s3:::a"),
    ],
)
def test_bucket_names_of_each_partition(endpoint: str, arn: str) -> None:
    (grant,) = s3.grants(Role.VIEWER, ["a"], endpoint)
    assert f'"{arn}"' in grant.text and any(grant.file in command for command in grant.commands)
