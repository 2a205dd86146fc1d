"""Write requirements.lock and requirements-dev.lock: exact versions, no address of any registry.

python tools/lock.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Brought for one file each (axe-core's script), not for what they would install with them.
ALONE = ["axe-playwright-python==0.1.8"]
HEAD = "# Exact versions; written by `make lock`. Run time first, then what tests and checks add.\n"


def frozen(requirements: list[str]) -> list[str]:
    """Return what a fresh environment holds after installing the requirements."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)  # noqa: S603
        done = subprocess.run(  # noqa: S603
            [python, "-m", "pip", "list", "--format=freeze", "--exclude", "setuptools"],
            check=True,
            capture_output=True,
            text=True,
        )
    return sorted(line for line in done.stdout.splitlines() if not line.startswith("pip=="))


def main() -> int:
    """Write both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build = project["build-system"]["requires"] + ["editables"]
    run = frozen(project["project"]["dependencies"] + build)
    dev = frozen(run + project["project"]["optional-dependencies"]["dev"])
    (ROOT / "requirements.lock").write_text(HEAD + "\n".join(run) + "\n", "utf-8")
    extra = sorted([*(line for line in dev if line not in run), *ALONE], key=str.lower)
    (ROOT / "requirements-dev.lock").write_text(HEAD + "\n".join(extra) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
