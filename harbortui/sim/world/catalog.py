"""Images of the simulated world: what upstream registries offer and what the teams build."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from harbortui.sim.world.harbor_types import Blob, Image

MB = 1_000_000

APPS: tuple[str, ...] = ("shop-api", "shop-web", "payments", "backup-agent", "ci-runner", "photo-index")


class CacheProject(NamedTuple):
    """A proxy-cache project: its upstream and the images pulled through it (repository, tags)."""

    name: str
    registry_name: str
    registry_type: str
    url: str
    repositories: tuple[tuple[str, tuple[str, ...]], ...]


CACHES: tuple[CacheProject, ...] = (
    CacheProject(
        "docker-cache",
        "Docker Hub",
        "docker-hub",
        "https://hub.docker.com",
        (
            ("library/alpine", ("3.20", "3.21")),
            ("library/nginx", ("1.27", "1.27-alpine")),
            ("library/postgres", ("15", "16")),
            ("library/redis", ("7", "7-alpine")),
            ("library/traefik", ("v3.1",)),
            ("library/python", ("3.12-slim",)),
            ("library/golang", ("1.23",)),
            ("grafana/grafana", ("11.2.0", "11.3.0")),
            ("grafana/loki", ("3.1.1",)),
            ("prom/prometheus", ("v2.54.1",)),
            ("prom/node-exporter", ("v1.8.2",)),
            ("vaultwarden/server", ("1.32.0",)),
        ),
    ),
    CacheProject(
        "ghcr-cache",
        "GitHub Container Registry",
        "github-ghcr",
        "https://ghcr.io",
        (
            ("home-assistant/home-assistant", ("2025.12", "2026.1")),
            ("immich-app/immich-server", ("v1.120.0",)),
            ("paperless-ngx/paperless-ngx", ("2.13",)),
            ("gethomepage/homepage", ("v0.9.10",)),
        ),
    ),
    CacheProject(
        "lscr-cache",
        "LinuxServer.io",
        "docker-registry",
        "https://lscr.io",
        (
            ("linuxserver/sonarr", ("4.0.9",)),
            ("linuxserver/radarr", ("5.11.0",)),
            ("linuxserver/jellyfin", ("10.9.11",)),
            ("linuxserver/wireguard", ("1.0.20210914",)),
        ),
    ),
    CacheProject(
        "quay-cache",
        "Quay.io",
        "quay",
        "https://quay.io",
        (
            ("prometheus/alertmanager", ("v0.27.0",)),
            ("oauth2-proxy/oauth2-proxy", ("v7.7.1",)),
            ("minio/minio", ("RELEASE.2024-10-13T13-34-11Z",)),
        ),
    ),
)


def _blob(key: str, low: int, high: int) -> Blob:
    text = sha256(key.encode()).hexdigest()
    return Blob(text, low + int(text[:8], 16) * (high - low) // 0xFFFFFFFF)


def make_image(seed: int, repository: str, build: int, created: float) -> Image:
    """The image of one build of a repository.

    Base layers are shared between repositories of one family and change every eighth build, dependency layers between
    four builds of one repository, the application layer is new each time: garbage collection then frees some of it.
    """
    shape = sha256(f"{seed}:{repository}".encode()).digest()
    layers = [_blob(f"{seed}:base:{shape[0] % 6}:{build // 8}:{n}", 8 * MB, 45 * MB) for n in range(2)]
    layers += [_blob(f"{seed}:dep:{repository}:{build // 4}:{n}", MB, 40 * MB) for n in range(1 + shape[1] % 3)]
    layers.append(_blob(f"{seed}:app:{repository}:{build}", MB // 4, 16 * MB))
    config = _blob(f"{seed}:config:{repository}:{build}", 3_000, 12_000)
    manifest = _blob(f"{seed}:manifest:{repository}:{build}", 900, 2_400)
    size = manifest.size + config.size + sum(layer.size for layer in layers)
    return Image("sha256:" + manifest.hex, manifest, config, tuple(layers), size, created)


def tag_of(build: int) -> str:
    """The version tag of a build."""
    return f"v1.{build // 10}.{build % 10}"
