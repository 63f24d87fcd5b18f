"""Nomad's objects as it tells them, masked: a job's specification holds passwords in half a dozen places."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from harbortui.model.asked import RawObject
from harbortui.model.redact import Clean
from harbortui.sources.nomad.policy import is_allocation_id
from harbortui.sources.nomad.worker import Call
from harbortui.sources.raw import raw_object
from harbortui.sources.veil import Shape


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HIDDEN = _words(
    "env embeddedtmpl meta payload args command entrypoint consultoken vaulttoken nomadtokenid secretid "
    "signedidentities header headers getterheaders getteroptions mountflags parameters context changescript actions "
    "body leaderacl submission variables variableflags source_job labels"
)
"""Environments, template texts, meta, dispatch payloads, checks' requests, what artifacts are fetched with."""

JOB = Shape(
    hidden=_HIDDEN,
    listed=MappingProxyType(
        {
            "config": _words(
                "image ports network_mode force_pull privileged readonly_rootfs cap_add cap_drop memory_hard_limit "
                "work_dir volumes runtime shm_size ulimit image_pull_timeout init ipc_mode pid_mode userns_mode"
            ),
            "tasks": _words(
                "name driver user kind lifecycle leader killtimeout killsignal shutdowndelay resources logconfig "
                "restartpolicy constraints affinities services volumemounts scalingpolicies templates artifacts config "
                "vault consul identity identities env meta dispatchpayload csipluginconfig actions schedule"
            ),
            "templates": _words(
                "sourcepath destpath embeddedtmpl changemode changesignal changescript splay perms uid gid leftdelim "
                "rightdelim envvars vaultgrace wait errmissingkey once"
            ),
            "artifacts": _words(
                "gettersource gettermode getterinsecure relativedest chown getterheaders getteroptions"
            ),
        }
    ),
    assigned=_words("tags canarytags"),
)
"""Of tasks, their driver's configuration and their templates only what is known to be harmless is shown: a later
Nomad's new place for secrets is masked before anybody has heard of it."""

_JOB_IN_ALLOCATION = _words(
    "id name namespace region type priority status statusdescription stop stable version submittime createindex "
    "modifyindex jobmodifyindex datacenters nodepool"
)

ALLOCATION = Shape(
    hidden=_HIDDEN,
    listed=MappingProxyType({"config": JOB.listed["config"]}),
    kept=MappingProxyType({"job": _JOB_IN_ALLOCATION, "jobdiff": frozenset()}),
    assigned=JOB.assigned,
)

NODE = Shape(hidden=_HIDDEN - {"meta"})
"""A node's attributes and meta are what placement is decided by, so they are shown; keys that sound like a secret are
masked here as everywhere."""


@dataclass(frozen=True, slots=True)
class _Kind:
    shape: Shape
    needs: str
    by_namespace: bool = True


KINDS: dict[str, _Kind] = {
    "job": _Kind(JOB, "read-job"),
    "allocation": _Kind(ALLOCATION, "read-job"),
    "deployment": _Kind(ALLOCATION, "read-job"),
    "evaluation": _Kind(ALLOCATION, "read-job"),
    "node": _Kind(NODE, "node:read", by_namespace=False),
}


def call_of(kind: str, name: str, namespace: str) -> Call | None:
    """The read that brings an object; None for what is no kind or no full id."""
    known = KINDS.get(kind)
    if known is None or not name or (kind != "job" and not is_allocation_id(name)):
        return None
    return Call(kind, (quote(name, safe=""),), known.needs, namespace if known.by_namespace else "")


def decode_raw(body: bytes, kind: str, name: str, clean: Clean) -> RawObject:
    """Raises Unreadable when it is not JSON."""
    source = f"GET /v1/{kind}/{quote(name, safe='')}"
    return raw_object(body, KINDS[kind].shape, clean, title=f"{kind} {name}", source=source)
