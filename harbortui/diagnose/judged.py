"""One instance after judgement."""

from __future__ import annotations

from dataclasses import dataclass

from harbortui.model.finding import Finding, InstanceVerdict


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one instance, and the findings it stands on."""

    verdict: InstanceVerdict
    findings: tuple[Finding, ...]
