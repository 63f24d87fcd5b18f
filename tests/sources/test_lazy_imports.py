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


ASKING = """
import asyncio, sys
from harbortui.sources.allowlist import AllowList
from harbortui.sources.http import HttpHost
host = HttpHost(url="http://127.0.0.1:9", allow=AllowList(()), clean=str, now=lambda: 0.0)
asyncio.run(host.fetch("/"))
assert "httpx" in sys.modules
sys.exit(", ".join(sorted(name for name in ("click", "rich", "pygments", "h2", "hpack") if sys.modules.get(name))) or 0)
"""


def test_asking_imports_no_command_line_and_no_other_protocol() -> None:
    """httpx brings its own wherever click and h2 are installed, and with them 6 MB."""
    done = subprocess.run([sys.executable, "-c", ASKING], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
