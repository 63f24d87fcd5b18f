"""The network libraries cost up to 200 ms to import, so a source loads its own only when it first asks."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import harbortui.sources.harbor.source, harbortui.sources.vault.source, harbortui.sources.errors
import harbortui.sources.storage.listing.lister
heavy = {"httpx", "httpcore", "requests", "urllib3", "hvac", "nomad", "boto3", "botocore"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""


def test_importing_the_sources_imports_no_network_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
