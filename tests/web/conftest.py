"""Any request to the site over the small snapshot, with or without further settings."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from plaincode.web import application, log


class Door:
    """The site in this process; every request is one `ask`."""

    def __init__(self, settings, **more):
        self.app = application(settings, **more)
        self.runner = asyncio.Runner()
        transport = httpx.ASGITransport(self.app, client=("203.0.113.7", 4711))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://plaincode")

    def ask(self, address, method="GET", **more):
        return self.runner.run(self.client.request(method, address, **more))

    def close(self):
        self.runner.run(self.client.aclose())
        self.runner.run(self.app.holder.close())
        self.runner.close()


@pytest.fixture
def door(small):
    """Open a site with some settings changed; closed at the end."""
    opened = []

    def make(*, access=log.access, **changed):
        opened.append(Door(replace(small.settings, **changed), access=access))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def site(small):
    """The site over the small snapshot, shared: nobody changes it."""
    opened = Door(small.settings)
    yield opened
    opened.close()
