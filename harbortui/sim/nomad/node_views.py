"""Nodes, and what an agent tells of its host."""

from __future__ import annotations

from harbortui.sim.nomad.context import NomadServer
from harbortui.sim.nomad.encoding import SECOND, Json, derived_uuid, nanos, rfc3339
from harbortui.sim.world.nomad_types import Node
from harbortui.sim.world.options import DATACENTER

MB = 1_048_576
HTTP_PORT = 4646


def node_stub(server: NomadServer, node: Node, resources: bool = False, os: bool = False) -> Json:
    """A row of /v1/nodes."""
    stub: Json = {
        "Address": node.address,
        "ID": node.id,
        "Datacenter": DATACENTER,
        "Name": node.name,
        "NodePool": "default",
        "NodeClass": "",
        "Version": node.version,
        "Drain": node.draining,
        "SchedulingEligibility": "eligible" if node.eligible else "ineligible",
        "Status": node.status,
        "StatusDescription": "",
        "Drivers": node_drivers(server, node),
        "HostVolumes": {},
        "LastDrain": None,
        "CreateIndex": node.create_index,
        "ModifyIndex": node.modify_index,
    }
    if os:
        stub["Attributes"] = {"os.name": "debian"}
    if resources:
        stub["NodeResources"] = node_resources(node)
        stub["ReservedResources"] = _reserved()
    return stub


def full_node(server: NomadServer, node: Node) -> Json:
    """A node as /v1/node/:id writes it."""
    whole = node_stub(server, node, resources=True)
    del whole["Address"], whole["Version"]
    whole.update(
        {
            "SecretID": "",
            "HTTPAddr": f"{node.address.partition(':')[0]}:{HTTP_PORT}",
            "TLSEnabled": False,
            "Attributes": _attributes(node),
            "Links": None,
            "Meta": {"connect.log_level": "info"},
            "CgroupParent": "nomad.slice",
            "ComputedClass": "v1:" + str(int(node.id[:8], 16)),
            "DrainStrategy": _drain_strategy(server) if node.draining else None,
            "StatusUpdatedAt": int(server.options.start - server.options.history_days * 86_400.0),
            "Events": [
                {
                    "Message": "Node registered",
                    "Subsystem": "Cluster",
                    "Details": None,
                    "Timestamp": rfc3339(server.options.start - server.options.history_days * 86_400.0),
                    "CreateIndex": 0,
                }
            ],
            "CSIControllerPlugins": {},
            "CSINodePlugins": {},
            "HostNetworks": {},
            "LastMissedHeartbeatIndex": 0,
            "LastAllocUpdateIndex": 0,
        }
    )
    return whole


def node_drivers(server: NomadServer, node: Node) -> Json:
    """The docker driver, healthy while the node answers."""
    healthy = node.status == "ready"
    info: Json = {
        "Attributes": {"driver.docker": "true", "driver.docker.version": "27.3.1"},
        "Detected": True,
        "Healthy": healthy,
        "HealthDescription": "Healthy" if healthy else "Node is down",
        "UpdateTime": rfc3339(server.options.start),
    }
    return {"docker": info}


def node_resources(node: Node) -> Json:
    """What a node offers."""
    return {
        "Cpu": {"CpuShares": node.cpu_mhz, "TotalCpuCores": 4, "ReservableCpuCores": [0, 1, 2, 3]},
        "Memory": {"MemoryMB": node.memory_mb},
        "Disk": {"DiskMB": 98_304},
        "Networks": [{"Mode": "host", "Device": "eth0", "IP": node.address.partition(":")[0], "MBits": 1_000}],
        "NodeNetworks": None,
        "Devices": None,
        "MinDynamicPort": 20_000,
        "MaxDynamicPort": 32_000,
    }


def host_stats(server: NomadServer, node: Node) -> Json:
    """/v1/client/stats: the host of a node, from what its allocations use and a base load."""
    now = server.world.now
    used = 1_400 * MB
    ticks = 120.0
    for alloc in server.nomad.allocs.values():
        total = server.world.stats.total(alloc.id) if alloc.node_id == node.id and not alloc.terminal else None
        if total is not None:
            used += total.usage
            ticks += total.cpu_mhz
    memory = node.memory_mb * MB
    busy = min(100.0, ticks / node.cpu_mhz * 100.0)
    disk: Json = {"Device": "/dev/sda1", "Mountpoint": "/", "Size": 96 * 1_024 * MB, "Used": 41 * 1_024 * MB}
    disk |= {"Available": 55 * 1_024 * MB, "UsedPercent": 42.7, "InodesUsedPercent": 7.1}
    cpu: Json = {"User": round(busy * 0.7, 4), "System": round(busy * 0.3, 4), "Idle": round(100.0 - busy, 4)}
    return {
        "Memory": {"Total": memory, "Available": memory - used, "Used": used, "Free": (memory - used) // 2},
        "CPU": [
            {"CPU": f"cpu{core}", **cpu, "TotalPercent": round(busy, 4), "TotalTicks": ticks / 4} for core in range(4)
        ],
        "DiskStats": [disk],
        "AllocDirStats": disk,
        "DeviceStats": None,
        "Uptime": int(now - server.options.start + server.options.history_days * 86_400.0),
        "CPUTicksConsumed": round(ticks, 3),
        "Timestamp": nanos(float(int(now))),
    }


def server_members(server: NomadServer) -> list[Json]:
    """The three servers of the cluster as /v1/agent/members shows them."""
    return [
        {
            "Name": f"nomad-server-0{number}.global",
            "Addr": f"10.0.2.10{number}",
            "Port": 4_648,
            "Tags": {
                "dc": DATACENTER,
                "region": "global",
                "role": "nomad",
                "build": server.version,
                "expect": "3",
                "id": derived_uuid(server.options.seed, "server", str(number)),
                "port": "4647",
                "raft_vsn": "3",
                "revision": "",
                "rpc_addr": f"10.0.2.10{number}",
                "vsn": "1",
            },
            "Status": "alive",
            "ProtocolMin": 1,
            "ProtocolMax": 5,
            "ProtocolCur": 2,
            "DelegateMin": 2,
            "DelegateMax": 5,
            "DelegateCur": 4,
        }
        for number in (4, 5, 6)
    ]


def server_health(server: NomadServer) -> Json:
    """/v1/operator/autopilot/health."""
    leading = server.nomad.leader
    rows = [
        {
            "ID": derived_uuid(server.options.seed, "server", member["Name"]),
            "Name": member["Name"],
            "Address": f"{member['Addr']}:4647",
            "SerfStatus": "alive",
            "Version": server.version,
            "Leader": leading and position == 0,
            "LastContact": "0s",
            "LastTerm": 3,
            "LastIndex": server.nomad.index,
            "Healthy": leading,
            "Voter": True,
            "StableSince": rfc3339(server.options.start),
        }
        for position, member in enumerate(server_members(server))
    ]
    return {"Healthy": leading, "FailureTolerance": 1 if leading else 0, "Servers": rows}


def _attributes(node: Node) -> Json:
    return {
        "cpu.arch": "amd64",
        "cpu.numcores": "4",
        "cpu.totalcompute": str(node.cpu_mhz),
        "driver.docker": "1",
        "driver.docker.version": "27.3.1",
        "kernel.name": "linux",
        "memory.totalbytes": str(node.memory_mb * MB),
        "nomad.version": node.version,
        "os.name": "debian",
        "os.version": "12",
        "unique.hostname": node.name,
        "unique.network.ip-address": node.address.partition(":")[0],
    }


def _reserved() -> Json:
    return {
        "Cpu": {"CpuShares": 0, "ReservedCpuCores": None},
        "Memory": {"MemoryMB": 0},
        "Disk": {"DiskMB": 0},
        "Networks": {"ReservedHostPorts": "22"},
    }


def _drain_strategy(server: NomadServer) -> Json:
    return {
        "Deadline": 3_600 * SECOND,
        "IgnoreSystemJobs": False,
        "ForceDeadline": rfc3339(server.world.now + 3_600.0),
        "StartedAt": rfc3339(server.world.now),
    }
