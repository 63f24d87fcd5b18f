"""From a job's facts to an instance of the configuration, with what is missing; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harbortui.config import kinds
from harbortui.model.jobfacts import HostPort, JobFacts, PortFact
from harbortui.sources.nomad.spec_texts import BUCKET, ENDPOINT, EXTERNAL_URL, HOSTNAME, PREFIX, REGION, SECURE

MAX_NAME = 64
_WEB = ("http", "https", "web", "nginx", "harbor", "portal", "ui")
_WEB_INSIDE = (8080, 8443, 80, 443)
_TLS_INSIDE = (8443, 443)
_TAKEN: dict[str, kinds.Kind] = {
    "fleet": kinds.NAME,
    "region": kinds.TEXT,
    "url": kinds.ORIGIN_URL,
    "external_url": kinds.ORIGIN_URL,
    "bucket": kinds.NAME,
    "prefix": kinds.PREFIX,
    "endpoint": kinds.ORIGIN_URL,
    "s3_region": kinds.NAME,
}
_PRODUCTION = ("prod", "production", "live")


@dataclass(slots=True)
class Draft:
    """An instance as it may be written; empty texts are not known."""

    job: str
    namespace: str = "default"
    region: str = ""
    why: str = ""
    name: str = ""
    url: str = ""
    urls: tuple[str, ...] = ()
    """Every address that the job names, the best first."""
    external_url: str = ""
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    s3_region: str = ""
    production: bool = False
    fleet: str = ""
    vault_path: str = ""
    stopped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the job is remembered by."""
        return f"{self.namespace}/{self.job}"

    def missing(self) -> list[str]:
        """What a complete instance would have, in words."""
        wanted = {"url": self.url, "bucket": self.bucket, "S3 endpoint": self.endpoint}
        return [word for word, value in wanted.items() if not value]


def draft_of(facts: JobFacts, why: str, ports: Sequence[HostPort] = ()) -> Draft:
    """An instance from a job; ``ports`` are where its current allocation listens."""
    draft = Draft(job=facts.id, namespace=facts.namespace, region=facts.region, why=why, name=facts.id)
    draft.stopped = facts.stop or facts.status == "dead"
    draft.external_url = _one(facts, EXTERNAL_URL, draft)
    hosts = [host for service in facts.services for host in service.hosts]
    if not draft.external_url and (hosts or facts.settings.get(HOSTNAME)):
        draft.external_url = f"https://{hosts[0] if hosts else facts.settings[HOSTNAME][0]}"
    direct = _direct(facts, ports)
    if direct and not any(port.value for port in facts.ports if port.label == _web_port(facts)):
        draft.notes.append("its port is chosen anew at each placement: give it a static one, or use its external URL")
    draft.urls = tuple(dict.fromkeys(each for each in (draft.external_url, direct) if each))
    draft.url = direct or draft.external_url
    draft.bucket = _one(facts, BUCKET, draft)
    draft.prefix = _one(facts, PREFIX, draft).strip("/")
    draft.endpoint = _endpoint(facts, draft)
    draft.s3_region = _one(facts, REGION, draft)
    stage = facts.meta.get("environment") or facts.meta.get("env") or facts.meta.get("stage") or ""
    draft.production = stage.lower() in _PRODUCTION
    draft.fleet = facts.meta.get("fleet", "")
    draft.vault_path = facts.vault[0].path if facts.vault else ""
    if draft.stopped:
        draft.notes.append("the job is stopped")
    return draft


def _one(facts: JobFacts, name: str, draft: Draft) -> str:
    """The one value of a setting; two that differ are a contradiction, and neither is taken."""
    found = facts.settings.get(name, ())
    if len(found) > 1:
        draft.notes.append(f"its tasks disagree on {name}: {', '.join(found[:3])}")
        return ""
    return found[0] if found else ""


def _endpoint(facts: JobFacts, draft: Draft) -> str:
    found = _one(facts, ENDPOINT, draft)
    if not found or "://" in found:
        return found
    # distribution speaks TLS unless `secure` says no.
    plain = facts.settings.get(SECURE, ()) == ("false",)
    return f"{'http' if plain else 'https'}://{found}"


def _direct(facts: JobFacts, ports: Sequence[HostPort]) -> str:
    """Where the allocation itself listens."""
    label = _web_port(facts)
    found = next((each for each in ports if each.label == label), None)
    if found is None or not found.host:
        return ""
    host = f"[{found.host}]" if ":" in found.host else found.host
    inside = next((port.to for port in facts.ports if port.label == label), 0)
    secure = "https" in label.lower() or inside in _TLS_INSIDE or found.port in _TLS_INSIDE
    return f"{'https' if secure else 'http'}://{host}:{found.port}"


def _web_port(facts: JobFacts) -> str:
    """The label of the port that users come through."""
    labels = [port.label for port in facts.ports]
    for known in _WEB:
        if known in (label.lower() for label in labels):
            return next(label for label in labels if label.lower() == known)
    inside = next((port.label for port in facts.ports if port.to in _WEB_INSIDE), "")
    return inside or (_only(facts.ports) if len(labels) == 1 else "")


def _only(ports: Iterable[PortFact]) -> str:
    return next((port.label for port in ports), "")


def fits(job: str) -> bool:
    """Whether a configuration takes a job's name."""
    return 0 < len(job) <= MAX_NAME and job.isprintable() and job == job.strip()


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it when it is taken."""
    found, number = name[:MAX_NAME], 1
    while found in taken:
        number += 1
        tail = f"-{number}"
        found = name[: MAX_NAME - len(tail)] + tail
    return found


def tidy(draft: Draft) -> None:
    """Leave out what no configuration takes, and say so: one odd job must not keep all others from being written."""
    for key, kind in _TAKEN.items():
        value = getattr(draft, key)
        if value and not _takes(kind, value):
            setattr(draft, key, "")
            draft.notes.append(f"its {key.replace('_', ' ')} is none that a configuration takes")
    draft.urls = tuple(url for url in draft.urls if _takes(kinds.ORIGIN_URL, url))
    draft.url = draft.url or next(iter(draft.urls), "")


def _takes(kind: kinds.Kind, value: str) -> bool:
    try:
        kind.read(value, Path())
    except ValueError:
        return False
    return True


def settle(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with names of their own; a job whose name no configuration takes is left out."""
    fit = [each for each in drafts if fits(each.job)]
    jobs = Counter(each.job for each in fit)
    names = {job for job, times in jobs.items() if times == 1}
    for each in fit:
        if jobs[each.job] > 1:
            each.name = free_name(f"{each.job}-{each.namespace}", names)
            names.add(each.name)
    shared = [each.external_url for each in fit if each.external_url]
    for each in fit:
        if shared.count(each.external_url) > 1:
            # A name that several share is a balancer's: behind it nobody knows which instance answers.
            each.urls = tuple(url for url in each.urls if url != each.external_url) or each.urls
            each.notes.append("its external URL is also another instance's")
    return fit
