"""The parts of a job's specification that are the same for every job: update, restart and reschedule, its service."""

from __future__ import annotations

from harbortui.sim.nomad.encoding import SECOND, Json
from harbortui.sim.world.options import NAMESPACE

NO_UPDATE: Json = {
    "HealthCheck": "",
    "MinHealthyTime": 0,
    "HealthyDeadline": 0,
    "ProgressDeadline": 0,
    "AutoRevert": False,
    "AutoPromote": False,
    "Canary": 0,
}
UPDATE: Json = {
    "Stagger": 30 * SECOND,
    "MaxParallel": 1,
    "HealthCheck": "checks",
    "MinHealthyTime": 10 * SECOND,
    "HealthyDeadline": 300 * SECOND,
    "ProgressDeadline": 600 * SECOND,
    "AutoRevert": False,
    "AutoPromote": False,
    "Canary": 0,
}
RESTART: Json = {
    "Attempts": 3,
    "Interval": 1_800 * SECOND,
    "Delay": 15 * SECOND,
    "Mode": "fail",
    "RenderTemplates": False,
}
RESCHEDULE: Json = {
    "Attempts": 0,
    "Interval": 0,
    "Delay": 30 * SECOND,
    "DelayFunction": "exponential",
    "MaxDelay": 3_600 * SECOND,
    "Unlimited": True,
}


def group_service(job_id: str) -> Json:
    """The service that the group registers with Nomad."""
    check: Json = {
        "Name": "ping",
        "TaskName": "",
        "Type": "http",
        "Body": "",
        "Notes": "",
        "GRPCService": "",
        "GRPCUseTLS": False,
        "TLSServerName": "",
        "SuccessBeforePassing": 0,
        "FailuresBeforeCritical": 0,
        "FailuresBeforeWarning": 0,
        "Command": "",
        "Args": None,
        "Path": "/api/v2.0/ping",
        "Protocol": "",
        "PortLabel": "http",
        "Expose": False,
        "AddressMode": "",
        "Interval": 15 * SECOND,
        "Timeout": 5 * SECOND,
        "InitialStatus": "",
        "TLSSkipVerify": False,
        "Method": "",
        "Header": None,
        "CheckRestart": None,
        "OnUpdate": "require_healthy",
    }
    return {
        "Name": job_id,
        "TaskName": "",
        "Address": "",
        "Cluster": "default",
        "Kind": "",
        "Identity": None,
        "Weights": None,
        "PortLabel": "http",
        "AddressMode": "auto",
        "EnableTagOverride": False,
        "Tags": ["harbor"],
        "CanaryTags": None,
        "Checks": [check],
        "Connect": None,
        "Meta": None,
        "CanaryMeta": None,
        "TaggedAddresses": None,
        "Namespace": NAMESPACE,
        "OnUpdate": "require_healthy",
        "Provider": "nomad",
    }
