"""A starter catalog for the examples of the documentation, where there is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Read before the settings of who runs the tests are hidden from them.
HOME = Path(os.environ.get("PLAINCODE_HOME") or ROOT / ".plaincode").resolve()


@pytest.fixture(scope="session")
def starter():
    """The home that holds a starter catalog; built where nothing may be skipped."""
    if not (HOME / "snapshots" / "current").is_file():
        if not os.environ.get("PLAINCODE_NO_SKIP"):
            pytest.skip("no starter catalog: `plaincode build` makes one in PLAINCODE_HOME")
        command = [sys.executable, "-m", "plaincode", "build"]
        subprocess.run(command, check=True, env={**os.environ, "PLAINCODE_HOME": str(HOME)})
    return HOME
