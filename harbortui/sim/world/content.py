"""Projects' content of one instance: repositories, artifacts, tags, pushes, pulls and deletions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harbortui.sim.world.catalog import make_image
from harbortui.sim.world.harbor_types import Artifact, Blob, Image, Project, Repository

if TYPE_CHECKING:
    from harbortui.sim.world.instance import Instance

KEEP_PER_REPOSITORY = 15


class Content:
    """Repositories and artifacts; `garbage` holds deleted artifacts whose blobs are still stored."""

    def __init__(self, instance: Instance) -> None:
        self._in = instance
        self.by_name: dict[str, Repository] = {}
        self.garbage: list[tuple[str, Artifact, float]] = []
        self.version = 0
        self._usage: dict[int | None, tuple[int, int]] = {}

    def ensure_repository(self, name: str) -> Repository:
        """The repository of that full name, made when missing; ValueError when its project does not exist."""
        found = self.by_name.get(name)
        if found:
            return found
        project = self._in.project(name.split("/", 1)[0])
        if project is None:
            raise ValueError(f"project {name.split('/', 1)[0]} not found")
        now = self._in.world.now
        repository = Repository(self._in.next_id("repository"), project.id, name, now, now)
        self._in.repositories[repository.id] = repository
        self.by_name[name] = repository
        return repository

    def find(self, repository: str, reference: str) -> Artifact | None:
        """An artifact by tag or digest."""
        found = self.by_name.get(repository)
        if found is None:
            return None
        if reference.startswith("sha256:"):
            return next((a for a in found.artifacts if a.image.digest == reference), None)
        return next((a for a in reversed(found.artifacts) if reference in a.tags), None)

    def add(self, repository: str, image: Image, tags: Iterable[str], user: str, pushed: float) -> Artifact:
        """Store an image under tags without raising an event; tags move here from other artifacts."""
        target = self.ensure_repository(repository)
        wanted = list(tags)
        moved = set(wanted)
        artifact = next((a for a in target.artifacts if a.image is image), None)
        for other in target.artifacts:
            if other is not artifact and not moved.isdisjoint(other.tags):
                other.tags = [tag for tag in other.tags if tag not in wanted]
        if artifact is None:
            number = self._in.next_id("artifact")
            artifact = Artifact(number, target.project_id, target.id, image, wanted, pushed, 0.0, user)
            target.artifacts.append(artifact)
        else:
            artifact.tags += [tag for tag in wanted if tag not in artifact.tags]
        target.updated = pushed
        self.version += 1
        return artifact

    def push(self, repository: str, tags: tuple[str, ...], user: str, image: Image | None = None) -> Artifact:
        """Push a new build, raising the event that replicates it; ValueError with Harbor's reason when refused."""
        project = self._in.project(repository.split("/", 1)[0])
        self._may_push(project, repository)
        build = self._in.world.next_build(self._in.site, repository)
        content = image or make_image(self._in.world.options.seed, f"{self._in.site}:{repository}", build, self.now)
        artifact = self.add(repository, content, tags, user, self.now)
        self._in.record("create", f"{repository}:{tags[0]}", "artifact", artifact.project_id, user)
        self._in.world.logs.pushed(self._in, repository, tags[0], content)
        self._trim(repository)
        self._in.replication.on_push(repository, artifact, tags[0])
        return artifact

    def receive(self, repository: str, image: Image, tag: str) -> None:
        """A replicated push from a peer: it raises an event here too, which is the echo."""
        artifact = self.add(repository, image, (tag,), "robot$replication", self.now)
        self._in.record("create", f"{repository}:{tag}", "artifact", artifact.project_id, "robot$replication")
        self._in.world.logs.pushed(self._in, repository, tag, image)
        self._trim(repository)
        self._in.replication.on_push(repository, artifact, tag)

    def pull(self, repository: str, tag: str) -> Artifact:
        """Pull a tag; KeyError when it is not there."""
        artifact = self.find(repository, tag)
        if artifact is None:
            raise KeyError(f"{repository}:{tag}")
        artifact.pull_time = self.now
        self.by_name[repository].pull_count += 1
        self._in.record("pull", f"{repository}:{tag}", "artifact", artifact.project_id, "anonymous")
        self._in.world.logs.pulled(self._in, repository, tag, artifact.image)
        return artifact

    def delete(self, repository: str, reference: str, user: str = "admin") -> None:
        """Delete an artifact; its blobs stay stored until garbage collection. KeyError when it is not there."""
        artifact = self.find(repository, reference)
        if artifact is None:
            raise KeyError(f"{repository}:{reference}")
        target = self.by_name[repository]
        target.artifacts.remove(artifact)
        self.garbage.append((repository, artifact, self.now))
        self.version += 1
        label = artifact.tags[0] if artifact.tags else artifact.image.digest
        self._in.record("delete", f"{repository}:{label}", "artifact", artifact.project_id, user)

    def usage(self, project_id: int | None) -> int:
        """Bytes of the distinct blobs of one project's live artifacts, or of all."""
        cached = self._usage.get(project_id)
        if cached and cached[0] == self.version:
            return cached[1]
        total = sum(blob.size for blob in self.referenced(project_id))
        self._usage[project_id] = (self.version, total)
        return total

    def referenced(self, project_id: int | None = None) -> set[Blob]:
        """The distinct blobs of live artifacts, of one project or of all."""
        found: set[Blob] = set()
        for repository in self._in.repositories.values():
            if project_id is None or repository.project_id == project_id:
                for artifact in repository.artifacts:
                    image = artifact.image
                    found.update((image.manifest, image.config))
                    found.update(image.layers)
        return found

    @property
    def now(self) -> float:
        """The world's now."""
        return self._in.world.now

    def _may_push(self, project: Project | None, repository: str) -> None:
        if project is None:
            raise ValueError(f"project {repository.split('/', 1)[0]} not found")
        if project.registry_id:
            raise ValueError("can not push artifact to a proxy project")
        if self._in.read_only:
            raise ValueError("The system is in read only mode. Any modification is prohibited.")
        if 0 < project.quota_hard <= self._at_most(project.id) and self.usage(project.id) >= project.quota_hard:
            raise ValueError("exceeds the configured upper limit of storage quota")

    def _at_most(self, project_id: int) -> int:
        """An upper bound of a project's usage that needs no look at single blobs."""
        repositories = (r for r in self._in.repositories.values() if r.project_id == project_id)
        return sum(artifact.image.size for repository in repositories for artifact in repository.artifacts)

    def _trim(self, repository: str) -> None:
        """The teams keep the newest builds of a repository and delete the oldest ones, two at a time."""
        artifacts = self.by_name[repository].artifacts
        if len(artifacts) > KEEP_PER_REPOSITORY + 1:
            for artifact in artifacts[:2]:
                self.delete(repository, artifact.image.digest, "robot$cleanup")
