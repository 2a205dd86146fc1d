"""Serve the site with uvicorn: one process, our own access log, the address printed once it answers."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable

import uvicorn

from plaincode.errors import Failed
from plaincode.settings import Settings
from plaincode.web.app import application
from plaincode.web.log import AccessLog
from plaincode.web.wire import Protocol

__all__ = ["run"]

# Objects made between two collections of the youngest. An answer makes hundreds and leaves no circle behind;
# Python's own 700 spent a tenth of the time of a look-up on finding that out.
YOUNG = 10_000


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.set_threshold(YOUNG)
        if self.started:
            self._announce()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise Failed(
            f"The site cannot listen on {host} port {port}: {error.strerror}.",
            do="Choose another with --port, or --port 0 for any that is free.",
        ) from None
    return made


def run(settings: Settings, say: Callable[[str], None]) -> int:
    """Serve until interrupted; raise Failed where the address cannot be had."""
    listening = _bind(settings.host, settings.port)
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    lines = logging.StreamHandler()
    lines.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    ours = logging.getLogger("plaincode")
    ours.addHandler(lines)
    ours.setLevel(logging.INFO)
    access = AccessLog(sys.stderr)
    config = uvicorn.Config(
        application(settings, access=access),
        http=Protocol,
        access_log=False,  # uvicorn's own holds the query and the client's address
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, lambda: say(f"plaincode is at http://{host}:{port}/ (stop it with Ctrl-C)"))
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        access.flush()
        ours.removeHandler(lines)
        listening.close()
    return 0
