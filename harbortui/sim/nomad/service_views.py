"""Services that allocations have registered with Nomad, and the results of their checks."""

from __future__ import annotations

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import Json, derived_uuid
from harbortui.sim.world.nomad_types import Allocation
from harbortui.sim.world.options import GROUP, NAMESPACE


def service_registrations(server: NomadServer, alloc: Allocation) -> list[Json]:
    """The service an allocation has registered: present while nginx runs."""
    instance = server.instance_of(alloc.job_id)
    nginx = alloc.tasks.get("nginx")
    if instance is None or nginx is None or nginx.state != "running":
        return []
    return [
        {
            "ID": f"_nomad-task-{alloc.id}-group-{GROUP}-{alloc.job_id}-http",
            "ServiceName": alloc.job_id,
            "Namespace": NAMESPACE,
            "NodeID": alloc.node_id,
            "Datacenter": "dc1",
            "JobID": alloc.job_id,
            "AllocID": alloc.id,
            "Tags": ["harbor"],
            "Address": instance.host,
            "Port": instance.port,
            "CreateIndex": alloc.create_index,
            "ModifyIndex": alloc.modify_index,
        }
    ]


def checks(server: NomadServer, alloc: Allocation) -> Json:
    """The last results of the allocation's checks; empty once it has ended."""
    instance = server.instance_of(alloc.job_id)
    if alloc.terminal or instance is None:
        return {}
    serving = instance.component_up("nginx") and instance.component_up("core")
    check_id = derived_uuid(server.options.seed, "check", alloc.id).replace("-", "")
    result: Json = {
        "ID": check_id,
        "Mode": "healthiness",
        "Status": "success" if serving else "failure",
        "StatusCode": 200 if serving else 502,
        "Output": "nomad: http ok" if serving else "nomad: http check failed",
        "Timestamp": int(server.world.now) - int(server.world.now) % 15,
        "Group": alloc.name,
        "Task": "",
        "Service": alloc.job_id,
        "Check": "ping",
    }
    return {check_id: result}
