"""The first screen does not wait for client libraries: importing the sources imports none of them."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import harbortui.sources.nomad.source, harbortui.sources.storage.source
print(*({"httpx", "requests", "urllib3", "nomad", "boto3", "botocore"} & set(sys.modules)))
"""


def test_importing_the_sources_imports_no_client_library() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""
