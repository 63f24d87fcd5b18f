"""The requests to Nomad that may leave.

``GET /v1/client/allocation/:id/restart`` restarts and ``GET /v1/client/gc`` collects (hashicorp/nomad
command/agent/alloc_endpoint.go checks no method), so the paths are named one by one.
"""

from __future__ import annotations

import re

from harbortui.sources.allowlist import AllowList, Rule

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME = r"[\w.-]{1,128}"
# A job's id may hold slashes (`x/periodic-1`); one that ends like an endpoint that changes something is refused, and
# like `submission`, which repeats the variables that a job was submitted with.
_OTHERS = "plan|revert|stable|dispatch|evaluate|scale|action|tag|periodic/force|submission"
_JOB = rf"(?!.*/(?:{_OTHERS})(?:/|$))[^\x00-\x1f\x7f]{{1,512}}"
_TEXT = r"[^\x00-\x1f\x7f]{1,600}"
_WHERE = {"namespace": _NAME, "region": _NAME}
_LOGS = {
    **_WHERE,
    "task": r"[^\x00-\x1f\x7f]{1,256}",
    "type": "stdout|stderr",
    "follow": "true",
    "origin": "end",
    "offset": r"\d{1,8}",
    "plain": "false",
}
_GRANTED = {"prefix": _UUID, "resources": "true", "task_states": "false"}
_EVENTS = {**_WHERE, "topic": r"(?:Allocation|Deployment|Evaluation|Job):\*", "index": r"\d{1,19}"}


def reads(prefix: str = "") -> AllowList:
    """The declared calls, one rule each; ``prefix`` is the path the API sits under, mostly empty."""
    base = re.escape(prefix) + "/v1"
    return AllowList(
        (
            Rule("job", "GET", f"{base}/job/{_JOB}", _WHERE),
            Rule("granted", "GET", f"{base}/allocations", {**_WHERE, **_GRANTED}),
            Rule("nodes", "GET", f"{base}/nodes", {"region": _NAME}),
            Rule("jobs", "GET", f"{base}/jobs", {**_WHERE, "per_page": "1"}),
            Rule("allocation", "GET", f"{base}/allocation/{_UUID}", _WHERE),
            Rule("deployment", "GET", f"{base}/deployment/{_UUID}", _WHERE),
            Rule("evaluation", "GET", f"{base}/evaluation/{_UUID}", _WHERE),
            Rule("node", "GET", f"{base}/node/{_UUID}", {"region": _NAME}),
            Rule("self", "GET", f"{base}/acl/token/self", {"region": _NAME}),
            Rule("stats", "GET", f"{base}/client/allocation/{_UUID}/stats", _WHERE),
        )
    )


def inquiry_reads(prefix: str = "") -> AllowList:
    """What `init` and `doctor` ask beyond it: lists of jobs, allocations' ports, our own token's policies."""
    base = re.escape(prefix) + "/v1"
    region = {"region": _NAME}
    listing = {
        "namespace": rf"{_NAME}|\*",
        "region": _NAME,
        "prefix": _TEXT,
        "per_page": "100",
        "next_token": _TEXT,
        "meta": "true",
    }
    return AllowList(
        (
            Rule("job list", "GET", f"{base}/jobs", listing),
            Rule("job", "GET", f"{base}/job/{_JOB}", _WHERE),
            Rule("allocation", "GET", f"{base}/allocation/{_UUID}", _WHERE),
            Rule("own token", "GET", f"{base}/acl/token/self", region),
            Rule("own policies", "GET", f"{base}/acl/policies", region),
            Rule("policy", "GET", f"{base}/acl/policy/[a-zA-Z0-9-]{{1,128}}", region),
        )
    )


def stream_reads(prefix: str = "") -> AllowList:
    """The declared streams."""
    base = re.escape(prefix) + "/v1"
    return AllowList(
        (
            Rule("logs", "GET", f"{base}/client/fs/logs/{_UUID}", _LOGS),
            Rule("events", "GET", f"{base}/event/stream", _EVENTS),
        )
    )


def is_allocation_id(text: str) -> bool:
    """True for a full allocation id; Nomad answers 500 to short ones."""
    return re.fullmatch(_UUID, text) is not None
