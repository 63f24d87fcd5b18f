"""Artifacts and tags."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from harbortui.sim.harbor.call import Call, Route
from harbortui.sim.harbor.encoding import Row, compact, empty, reply, when
from harbortui.sim.harbor.errors import not_found
from harbortui.sim.harbor.query import Keys, listing
from harbortui.sim.world import Project
from harbortui.sim.world.harbor_types import Artifact

CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
KEYS: Keys[Artifact] = {
    "id": lambda a: a.id,
    "digest": lambda a: a.image.digest,
    "type": lambda a: "IMAGE",
    "size": lambda a: a.image.size,
    "push_time": lambda a: a.push_time,
    "pull_time": lambda a: a.pull_time,
    "tags": lambda a: ",".join(a.tags) or "nil",
}
Named = tuple[int, str, Artifact]
TAG_KEYS: Keys[Named] = {
    "id": lambda t: t[0],
    "name": lambda t: t[1],
    "push_time": lambda t: t[2].push_time,
    "pull_time": lambda t: t[2].pull_time,
}


def tag_row(named: Named) -> Row:
    """One tag."""
    number, name, artifact = named
    row: Row = {
        "artifact_id": artifact.id,
        "id": number,
        "immutable": False,
        "name": name,
        "pull_time": when(artifact.pull_time),
        "push_time": when(artifact.push_time),
        "repository_id": artifact.repository_id,
    }
    return compact(row, ("immutable",))


def tags_of(artifact: Artifact) -> list[Named]:
    """An artifact's tags with ids of their own."""
    return [(artifact.id * 10 + place, tag, artifact) for place, tag in enumerate(artifact.tags, 1)]


def artifact_row(call: Call, project: Project, name: str, artifact: Artifact) -> Row:
    """One artifact. Nil slices are null, a never pulled one has the zero pull time."""
    image = artifact.image
    short = quote(quote(name.partition("/")[2], safe=""), safe="")
    base = f"/api/v2.0/projects/{project.name}/repositories/{short}/artifacts/{image.digest}/additions"
    with_tag = call.flag("with_tag", True)
    row: Row = {
        "accessories": None,
        "addition_links": {"build_history": {"absolute": False, "href": f"{base}/build_history"}},
        "artifact_type": CONFIG_TYPE,
        "digest": image.digest,
        "extra_attrs": {
            "architecture": image.architecture,
            "author": "",
            "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
            "created": when(image.created),
            "os": "linux",
        },
        "icon": "sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06",
        "id": artifact.id,
        "labels": None,
        "manifest_media_type": MANIFEST_TYPE,
        "media_type": CONFIG_TYPE,
        "project_id": project.id,
        "pull_time": when(artifact.pull_time),
        "push_time": when(artifact.push_time),
        "references": None,
        "repository_id": artifact.repository_id,
        "repository_name": name,
        "size": image.size,
        "tags": [tag_row(tag) for tag in tags_of(artifact)] if with_tag and artifact.tags else None,
        "type": "IMAGE",
    }
    return compact(row, ("accessories", "labels", "references", "tags"))


def _repository(call: Call, permission: str) -> tuple[Project, str]:
    project = call.project(permission, by_id=False)
    return project, call.repository_name(project)


def _artifact(call: Call, permission: str) -> tuple[Project, str, Artifact]:
    project, name = _repository(call, permission)
    reference = call.request.match_info["reference"]
    found = call.instance.find_artifact(name, reference)
    if found is None:
        raise not_found(f"artifact {name}{'@' if reference.startswith('sha256:') else ':'}{reference}")
    return project, name, found


def list_artifacts(call: Call) -> web.Response:
    """The artifacts of a repository, newest push first; a repository that does not exist has none."""
    project, name = _repository(call, "artifact:list")
    repository = call.instance.repository(name)
    found = repository.artifacts if repository else []
    return listing(call.request, found, lambda a: artifact_row(call, project, name, a), KEYS, "-push_time")


def project_artifacts(call: Call) -> web.Response:
    """All artifacts of a project, or the newest of each repository with `latest_in_repository`."""
    call.login_required()
    project = call.project("artifact:list")
    found: list[tuple[str, Artifact]] = []
    for repository in call.instance.repositories.values():
        if repository.project_id == project.id:
            chosen = repository.artifacts[-1:] if call.flag("latest_in_repository", False) else repository.artifacts
            found += [(repository.name, artifact) for artifact in chosen]
    keys: Keys[tuple[str, Artifact]] = {
        "id": lambda pair: pair[1].id,
        "digest": lambda pair: pair[1].image.digest,
        "size": lambda pair: pair[1].image.size,
        "repository_name": lambda pair: pair[0],
        "push_time": lambda pair: pair[1].push_time,
        "pull_time": lambda pair: pair[1].pull_time,
    }
    return listing(call.request, found, lambda pair: artifact_row(call, project, *pair), keys, "-push_time")


def get_artifact(call: Call) -> web.Response:
    """One artifact by tag or digest."""
    return reply(artifact_row(call, *_artifact(call, "artifact:read")))


def delete_artifact(call: Call) -> web.Response:
    """Delete one artifact with its tags."""
    _, name, _ = _artifact(call, "artifact:delete")
    call.instance.delete_artifact(name, call.request.match_info["reference"])
    return empty()


def list_tags(call: Call) -> web.Response:
    """The tags of one artifact."""
    _, _, artifact = _artifact(call, "tag:list")
    return listing(call.request, tags_of(artifact), tag_row, TAG_KEYS, "-push_time")


REPOSITORY = "/projects/{project}/repositories/{repository}/artifacts"
ROUTES = (
    Route("GET", "/projects/{project}/artifacts", project_artifacts),
    Route("GET", REPOSITORY, list_artifacts),
    Route("GET", REPOSITORY + "/{reference}", get_artifact),
    Route("DELETE", REPOSITORY + "/{reference}", delete_artifact),
    Route("GET", REPOSITORY + "/{reference}/tags", list_tags),
)
