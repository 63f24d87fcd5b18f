"""How a world begins: places, projects, policies, and the weeks before the console first looks."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from harbortui.sim.clock import Clock
from harbortui.sim.world.catalog import APPS, CACHES, make_image, tag_of
from harbortui.sim.world.harbor_types import Policy, Project, RegistryEndpoint
from harbortui.sim.world.instance import Instance, Place, Robot
from harbortui.sim.world.nomad_types import Node
from harbortui.sim.world.options import DAY, HOUR, MINUTE, SimOptions
from harbortui.sim.world.store_types import MultipartUpload
from harbortui.sim.world.traffic import Traffic
from harbortui.sim.world.world import World

if TYPE_CHECKING:
    from random import Random

SITE_SIZE = 3
FIRST_BUILDS = 10
REFERENCE: tuple[tuple[str, str, str, str, str], ...] = (
    ("harbor-vm-06", "vm-nomad-client-06", "10.0.2.126", "https://harbor.ackermannprivat.ch", "harbor"),
    ("harbor-vm-05", "vm-nomad-client-05", "10.0.2.125", "https://harbor-05.ackermannprivat.ch", "harbor-05"),
    ("harbor-nas", "nas", "10.0.0.200", "https://harbor-nas.ackermannprivat.ch", "harbor-nas"),
)
PREVIOUS: dict[tuple[int, int], str] = {(2, 11): "v2.11.1", (2, 12): "v2.12.3", (2, 13): "v2.13.4", (2, 14): "v2.14.3"}


def place_of(number: int) -> Place:
    """Where instance `number` (from 0) lives: the reference fleet first, then sites of three."""
    site = number // SITE_SIZE
    if number < len(REFERENCE):
        name, node, host, url, bucket = REFERENCE[number]
        return Place(number, name, site, node, host, url, bucket)
    within = number % SITE_SIZE + 1
    name = f"harbor-{site}-{within}"
    host = f"10.{1 + site // 200}.{site % 200}.{20 + within}"
    node, url = f"vm-nomad-client-{site}-{within}", f"https://{name}.ackermannprivat.ch"
    return Place(number, name, site, node, host, url, name)


def build_world(options: SimOptions, clock: Clock | None = None) -> World:
    """The world at `options.start`, with its history behind it."""
    collecting = gc.isenabled()
    # Hundreds of thousands of objects are made and none is garbage: the collector would only look at them in vain.
    gc.disable()
    try:
        return _build(World(options, clock), options)
    finally:
        if collecting:
            gc.enable()


def _build(world: World, options: SimOptions) -> World:
    for number in range(options.instances):
        world.add_instance(Instance(world, place_of(number)))
    for instance in world.instances:
        _furnish(world, instance)
    for site in range((options.instances + SITE_SIZE - 1) // SITE_SIZE):
        _first_images(world, world.instances[site * SITE_SIZE : (site + 1) * SITE_SIZE])
    for instance in world.instances:
        _nomad_history(world, instance)
        instance.system.begin_history(world.now)
        Traffic(instance).begin()
        _leftovers(world, instance)
    world.advance(options.start)
    return world


def _furnish(world: World, instance: Instance) -> None:
    now = world.now
    library = Project(instance.next_id("project"), "library", 0, now, False, 200_000_000_000)
    instance.projects[library.id] = library
    peers = world.instances[instance.site * SITE_SIZE : (instance.site + 1) * SITE_SIZE]
    for peer in peers:
        if peer is instance:
            continue
        number = instance.next_id("registry")
        endpoint = RegistryEndpoint(number, peer.name, "harbor", peer.external_url, "robot$replication", now)
        endpoint.peer = peer.name
        instance.registries[number] = endpoint
        policy_id = instance.next_id("policy")
        instance.policies[policy_id] = Policy(policy_id, f"sync-to-{peer.name}", number, peer.name, now, now)
    for cache in CACHES:
        number = instance.next_id("registry")
        upstream = RegistryEndpoint(number, cache.registry_name, cache.registry_type, cache.url, "", now)
        instance.registries[number] = upstream
        project = Project(instance.next_id("project"), cache.name, number, now, True, -1, instance.next_id("retention"))
        instance.projects[project.id] = project
    for name, text in (("robot$replication", "used by peers"), ("robot$ops-console", "read-only, for the console")):
        instance.robots.append(Robot(instance.next_id("robot"), name, now, text))


def _first_images(world: World, instances: list[Instance]) -> None:
    """What a site holds when history begins: some builds of each application, and cached upstream images."""
    begin = world.now
    seed, site = world.options.seed, instances[0].site
    for app in APPS:
        name = f"library/{app}"
        for _ in range(FIRST_BUILDS):
            build = world.next_build(site, name)
            pushed = begin - (FIRST_BUILDS - build) * 1.5 * DAY
            image = make_image(seed, f"{site}:{name}", build, pushed)
            for instance in instances:
                instance.content.add(name, image, (tag_of(build), "latest"), "admin", pushed)
    for instance in instances:
        rng = world.rng(f"content:{instance.name}")
        for cache in CACHES:
            for repository, tags in cache.repositories:
                for number, tag in enumerate(tags):
                    if rng.random() < 0.9:
                        _cache(world, instance, f"{cache.name}/{repository}", number, tag, rng)


def _cache(world: World, instance: Instance, name: str, build: int, tag: str, rng: Random) -> None:
    image = world.upstream_image(name, build)
    pushed = world.now - rng.random() * 10 * DAY
    artifact = instance.content.add(name, image, (tag,), "anonymous", pushed)
    artifact.pull_time = pushed
    instance.content.by_name[name].pull_count = rng.randrange(1, 400)


def _nomad_history(world: World, instance: Instance) -> None:
    """A first version, more memory for the job service after a week, an upgrade six days before the start."""
    number, start = instance.number, world.options.start
    node = Node(world.uuid("nomad:node"), instance.node_name, f"{instance.host}:4646", 0, 0)
    node.create_index = node.modify_index = world.nomad.bump("Node", "NodeRegistration", node.id, (), node)
    world.nomad.nodes[node.id] = node
    scheduler = world.nomad.scheduler
    scheduler.node_of_job[instance.job_id] = node.id
    old = PREVIOUS.get(world.options.version_tuple[:2], "v2.11.1")
    small = {"jobservice": (128, 256)}
    offset = number % 97 * 7 * MINUTE
    world.at(world.now + 1 + offset / 97, scheduler.register, instance.job_id, old, small)
    world.at(start - 14 * DAY + offset, scheduler.register, instance.job_id, old, {})
    world.at(start - 6 * DAY + 2 * HOUR + offset, scheduler.register, instance.job_id, instance.version, {})
    if number % 3 == 0:
        world.at(start - 15.4 * DAY + offset, _fail, world, instance, "core")
    if number % 3 == 1:
        world.at(start - 3.2 * DAY + offset, _oom, world, instance)
    if number % 3 == 2:
        world.at(start - 4.1 * DAY + offset, _restart, world, instance, "registry")
    world.at(start - 2.3 * DAY - offset, instance.start_gc, True)


def _fail(world: World, instance: Instance, task: str) -> None:
    alloc = world.nomad.current_alloc(instance.job_id)
    if alloc is not None and alloc.tasks[task].state == "running":
        world.nomad.fail_alloc(alloc.id, task, 1)


def _oom(world: World, instance: Instance) -> None:
    alloc = world.nomad.current_alloc(instance.job_id)
    if alloc is not None:
        world.nomad.oom_kill(alloc.id, "jobservice")


def _restart(world: World, instance: Instance, task: str) -> None:
    alloc = world.nomad.current_alloc(instance.job_id)
    if alloc is not None and alloc.tasks[task].state == "running":
        world.nomad.restart_task(alloc.id, task)


def _leftovers(world: World, instance: Instance) -> None:
    """What interrupted pushes left: two uploads in the registry and one open multipart upload."""
    start, name = world.options.start, f"library/{APPS[instance.number % len(APPS)]}"
    stream = f"uploads:{instance.name}"
    for days, size in ((9.5, 5_242_880), (0.2, 20_971_520)):
        instance.bucket.uploads.append((name, world.uuid(stream), start - days * DAY, size))
    upload = world.uuid(stream)
    key = f"registry/docker/registry/v2/repositories/{name}/_uploads/{upload}/data"
    # MinIO expires incomplete uploads by itself after a day, Ceph's gateway keeps them for good.
    began = start - (5 * HOUR if world.options.provider == "minio" else 12.3 * DAY)
    parts = tuple((n, 10_485_760, began + n * 4.0) for n in range(1, 4))
    instance.bucket.multipart.append(MultipartUpload(key, world.uuid(stream).replace("-", ""), began, parts))
