"""Settings: one frozen value, read from the environment by doors and by nobody else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from platformdirs import user_data_path

from plaincode.errors import BadRequest

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things live. Variables: PLAINCODE_HOME, _HOST, _PORT, _CPT, _REPORT_URL, _TODAY."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8622
    cpt: bool = True
    report_url: str | None = None
    today: str | None = None

    @classmethod
    def read(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Return the settings that the environment states; raise BadRequest for a value that is none."""
        env = os.environ if env is None else env
        port = env.get("PLAINCODE_PORT", "8622")
        if not port.isdigit() or not 0 <= int(port) <= 65535:
            raise BadRequest(
                f"PLAINCODE_PORT is {port!r}, which is no port.",
                where="PLAINCODE_PORT",
                do="Give a number from 0 to 65535.",
            )
        cpt = env.get("PLAINCODE_CPT", "on").lower()
        if cpt not in {"on", "off"}:
            raise BadRequest(f"PLAINCODE_CPT is {cpt!r}.", where="PLAINCODE_CPT", do="Set it to on or off.")
        today = env.get("PLAINCODE_TODAY") or None
        if today is not None:
            try:
                date.fromisoformat(today)
            except ValueError:
                raise BadRequest(
                    f"PLAINCODE_TODAY is {today!r}, which is no date.",
                    where="PLAINCODE_TODAY",
                    do="Write it as 2026-11-23.",
                ) from None
        home = env.get("PLAINCODE_HOME")
        return cls(
            home=Path(home).expanduser() if home else user_data_path("plaincode", appauthor=False),
            host=env.get("PLAINCODE_HOST", "127.0.0.1"),
            port=int(port),
            cpt=cpt == "on",
            report_url=env.get("PLAINCODE_REPORT_URL") or None,
            today=today,
        )

    @property
    def snapshots(self) -> Path:
        """Return the folder that holds snapshots and the name of the one in use."""
        return self.home / "snapshots"

    @property
    def cache(self) -> Path:
        """Return the folder that keeps what was fetched."""
        return self.home / "cache"
