"""The histograms that MinIO's scanner keeps of a bucket, with its names for the bars."""

from __future__ import annotations

from harbortui.sim.world.bucket import Bucket
from harbortui.sim.world.store_types import BucketStats

KIB, MIB = 1 << 10, 1 << 20
SIZES = (
    ("LESS_THAN_1024_B", KIB),
    ("BETWEEN_1024_B_AND_64_KB", 64 * KIB),
    ("BETWEEN_64_KB_AND_256_KB", 256 * KIB),
    ("BETWEEN_256_KB_AND_512_KB", 512 * KIB),
    ("BETWEEN_512_KB_AND_1_MB", MIB),
    ("BETWEEN_1_MB_AND_10_MB", 10 * MIB),
    ("BETWEEN_10_MB_AND_64_MB", 64 * MIB),
    ("BETWEEN_64_MB_AND_128_MB", 128 * MIB),
    ("BETWEEN_128_MB_AND_512_MB", 512 * MIB),
    ("GREATER_THAN_512_MB", 1 << 62),
)
SUM_BELOW_1_MB = "BETWEEN_1024B_AND_1_MB"
VERSIONS = (
    "UNVERSIONED",
    "SINGLE_VERSION",
    "BETWEEN_2_AND_10",
    "BETWEEN_10_AND_100",
    "BETWEEN_100_AND_1000",
    "BETWEEN_1000_AND_10000",
    "GREATER_THAN_10000",
)


def sizes(stats: BucketStats) -> dict[str, int]:
    """Objects by size, as if all of them had the average one: the world keeps sums only."""
    bars = dict.fromkeys((SUM_BELOW_1_MB, *(name for name, _ in SIZES)), 0)
    if stats.objects:
        average = stats.bytes // stats.objects
        bar = next(name for name, limit in SIZES if average < limit)
        bars[bar] = stats.objects
        bars[SUM_BELOW_1_MB] = stats.objects if KIB <= average < MIB else 0
    return bars


def version_numbers(bucket: Bucket, stats: BucketStats) -> dict[str, int]:
    """Objects by how many versions they have, as if the old ones were all of one object."""
    bars = dict.fromkeys(VERSIONS, 0)
    bars["SINGLE_VERSION" if bucket.version_state else "UNVERSIONED"] = stats.objects
    return bars
