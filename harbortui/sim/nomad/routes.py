"""Which call answers which path; other methods of a known path get 405, an unknown path an empty 404."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from harbortui.sim.nomad import (
    client_files,
    client_logs,
    events,
)
from harbortui.sim.nomad import (
    handlers_access as access,
)
from harbortui.sim.nomad import (
    handlers_allocs as allocs,
)
from harbortui.sim.nomad import (
    handlers_client as client,
)
from harbortui.sim.nomad import (
    handlers_cluster as cluster,
)
from harbortui.sim.nomad import (
    handlers_deploys as deploys,
)
from harbortui.sim.nomad import (
    handlers_job_writes as job_writes,
)
from harbortui.sim.nomad import (
    handlers_jobs as jobs,
)
from harbortui.sim.nomad.context import Call

Answer = Callable[[Call], Awaitable[web.StreamResponse]]

GET = ("GET",)
PUT = ("PUT", "POST")
ANY = ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS")


class Route(NamedTuple):
    """One call. `local` ones are answered by the agent itself: no region is looked up, no leader needed."""

    path: str
    methods: tuple[str, ...]
    answer: Answer
    local: bool = False


ROUTES: tuple[Route, ...] = (
    Route("/v1/jobs", GET, jobs.list_jobs),
    Route("/v1/jobs", PUT, job_writes.register_job),
    Route("/v1/jobs/parse", PUT, access.parse_job),
    Route("/v1/jobs/statuses", ("GET", "POST"), jobs.jobs_statuses),
    Route("/v1/job/{job_id}", GET, jobs.get_job),
    Route("/v1/job/{job_id}", PUT, job_writes.register_job),
    Route("/v1/job/{job_id}", ("DELETE",), job_writes.stop_job),
    Route("/v1/job/{job_id}/summary", GET, jobs.get_summary),
    Route("/v1/job/{job_id}/versions", GET, jobs.get_versions),
    Route("/v1/job/{job_id}/submission", GET, jobs.get_submission),
    Route("/v1/job/{job_id}/allocations", GET, jobs.job_allocations),
    Route("/v1/job/{job_id}/evaluations", GET, jobs.job_evaluations),
    Route("/v1/job/{job_id}/deployments", GET, jobs.job_deployments),
    Route("/v1/job/{job_id}/deployment", GET, jobs.job_latest_deployment),
    Route("/v1/job/{job_id}/services", GET, jobs.job_services),
    Route("/v1/job/{job_id}/scale", GET, jobs.get_scale),
    Route("/v1/job/{job_id}/scale", PUT, job_writes.scale_job),
    Route("/v1/job/{job_id}/plan", PUT, job_writes.plan_job),
    Route("/v1/job/{job_id}/revert", PUT, job_writes.revert_job),
    Route("/v1/job/{job_id}/evaluate", PUT, job_writes.evaluate_job),
    Route("/v1/job/{job_id}/dispatch", PUT, job_writes.dispatch_job),
    Route("/v1/job/{job_id}/periodic/force", PUT, job_writes.force_periodic),
    Route("/v1/validate/job", PUT, access.validate_job),
    Route("/v1/allocations", GET, allocs.list_allocations),
    Route("/v1/allocation/{alloc_id}", GET, allocs.get_allocation),
    Route("/v1/allocation/{alloc_id}/services", GET, allocs.allocation_services),
    Route("/v1/allocation/{alloc_id}/checks", GET, allocs.allocation_checks),
    Route("/v1/allocation/{alloc_id}/stop", PUT, allocs.stop_allocation),
    Route("/v1/client/allocation/{alloc_id}/stats", ANY, client.get_stats, local=True),
    Route("/v1/client/allocation/{alloc_id}/checks", GET, allocs.allocation_checks, local=True),
    Route("/v1/client/allocation/{alloc_id}/restart", ANY, client.restart_allocation, local=True),
    Route("/v1/client/allocation/{alloc_id}/signal", PUT, client.signal_allocation, local=True),
    Route("/v1/client/allocation/{alloc_id}/pause", PUT, client.pause_allocation, local=True),
    Route("/v1/client/allocation/{alloc_id}/gc", ANY, allocs.collect_allocation, local=True),
    Route("/v1/client/gc", ANY, allocs.collect_node, local=True),
    Route("/v1/client/stats", ANY, client.get_host_stats, local=True),
    Route("/v1/client/fs/logs/{alloc_id}", ANY, client_logs.stream_logs, local=True),
    Route("/v1/client/fs/ls/{alloc_id}", ANY, client_files.list_files, local=True),
    Route("/v1/client/fs/stat/{alloc_id}", ANY, client_files.stat_file, local=True),
    Route("/v1/client/fs/cat/{alloc_id}", ANY, client_files.cat_file, local=True),
    Route("/v1/client/fs/readat/{alloc_id}", ANY, client_files.cat_file, local=True),
    Route("/v1/event/stream", ANY, events.stream_events),
    Route("/v1/deployments", GET, deploys.list_deployments),
    Route("/v1/deployment/allocations/{deployment_id}", GET, deploys.deployment_allocations),
    Route("/v1/deployment/fail/{deployment_id}", PUT, deploys.fail_deployment),
    Route("/v1/deployment/pause/{deployment_id}", PUT, deploys.pause_deployment),
    Route("/v1/deployment/promote/{deployment_id}", PUT, deploys.promote_deployment),
    Route("/v1/deployment/unblock/{deployment_id}", PUT, deploys.unblock_deployment),
    Route("/v1/deployment/allocation-health/{deployment_id}", PUT, deploys.deployment_health),
    Route("/v1/deployment/{deployment_id}", GET, deploys.get_deployment),
    Route("/v1/evaluations", GET, deploys.list_evaluations),
    Route("/v1/evaluations/count", GET, deploys.count_evaluations),
    Route("/v1/evaluation/{eval_id}", GET, deploys.get_evaluation),
    Route("/v1/evaluation/{eval_id}/allocations", GET, deploys.evaluation_allocations),
    Route("/v1/nodes", GET, cluster.list_nodes),
    Route("/v1/node/{node_id}", GET, cluster.get_node),
    Route("/v1/node/{node_id}/allocations", GET, cluster.node_allocations),
    Route("/v1/node/{node_id}/drain", PUT, cluster.drain_node),
    Route("/v1/namespaces", GET, cluster.list_namespaces),
    Route("/v1/namespace/{name}", GET, cluster.get_namespace),
    Route("/v1/services", GET, access.list_services),
    Route("/v1/scaling/policies", GET, access.scaling_policies),
    Route("/v1/regions", GET, cluster.list_regions, local=True),
    Route("/v1/status/leader", GET, cluster.get_leader),
    Route("/v1/status/peers", GET, cluster.get_peers),
    Route("/v1/agent/health", GET, cluster.agent_health, local=True),
    Route("/v1/agent/self", GET, cluster.agent_self, local=True),
    Route("/v1/agent/members", GET, cluster.agent_members, local=True),
    Route("/v1/agent/servers", GET, cluster.agent_servers, local=True),
    Route("/v1/operator/scheduler/configuration", GET, cluster.scheduler_configuration),
    Route("/v1/operator/autopilot/health", GET, cluster.autopilot_health),
    Route("/v1/system/gc", PUT, cluster.system_gc),
    Route("/v1/system/reconcile/summaries", PUT, cluster.reconcile_summaries),
    Route("/v1/acl/token/self", GET, access.token_self),
    Route("/v1/acl/tokens", GET, access.list_tokens),
    Route("/v1/acl/policy/{name}", GET, access.get_policy),
    Route("/v1/acl/policies", GET, access.list_policies),
    Route("/v1/vars", GET, access.list_variables),
    Route("/v1/var/{path:.+}", GET, access.get_variable),
    Route("/v1/search", PUT, access.search),
    Route("/v1/search/fuzzy", PUT, access.fuzzy_search),
)
