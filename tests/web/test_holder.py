"""A new snapshot is taken up without a restart, without failing a request, and the old one is closed last."""

import asyncio
import shutil
from pathlib import Path

import httpx
import pytest

from plaincode import content
from plaincode.build import build, user_inputs
from plaincode.catalog import open_catalog
from plaincode.errors import DamagedCatalog, NoCatalog
from plaincode.settings import Settings
from plaincode.web import application
from plaincode.web.holder import Holder, stamp_of

LAYOUTS = Path(__file__).parents[1] / "systems" / "fixtures"


class Disk:
    """What is published, a clock, and a record of what was closed."""

    def __init__(self, settings):
        self.settings, self.stamp, self.now, self.opened, self.error = settings, 1, 0.0, [], None
        self.holder = Holder(
            stamp=lambda: self.stamp,
            open=self.open,
            tag=lambda c: str(id(c)).encode(),
            clock=lambda: self.now,
        )

    def open(self):
        if self.error is not None:
            raise self.error
        catalog = open_catalog(settings=self.settings)
        catalog.closings = 0
        close = catalog.close

        def counted():
            catalog.closings += 1
            close()

        catalog.close = counted
        self.opened.append(catalog)
        return catalog

    async def publish(self):
        """Publish something else, and let the swap happen."""
        self.stamp += 1
        self.now += 2
        self.holder.give_back(await self.holder.take())
        for _ in range(200):
            await asyncio.sleep(0.005)
            if self.holder._task.done():
                return
        raise AssertionError("the swap did not end")


@pytest.fixture
def disk(small):
    return Disk(small.settings)


def test_the_old_catalog_is_closed_after_its_last_request(disk):
    async def run():
        first = await disk.holder.take()
        second = await disk.holder.take()
        assert first is second
        await disk.publish()
        third = await disk.holder.take()
        assert third.catalog is disk.opened[1]
        disk.holder.give_back(first)
        assert first.catalog.closings == 0
        assert second.catalog.show("icd10cm:M54.5").code == "M54.5"
        disk.holder.give_back(second)
        assert first.catalog.closings == 1
        disk.holder.give_back(third)
        assert third.catalog.closings == 0
        await disk.holder.close()
        assert third.catalog.closings == 1

    asyncio.run(run())


def test_the_disk_is_looked_at_once_a_second(disk):
    looks = []
    disk.holder._stamp = lambda: looks.append(1) or 1

    async def run():
        for now in (0, 0.2, 0.9, 1.1, 1.9, 2.2):
            disk.now = now
            disk.holder.give_back(await disk.holder.take())
        await disk.holder.close()

    asyncio.run(run())
    assert len(looks) == 3


def test_a_damaged_snapshot_leaves_the_old_one_serving(disk):
    async def run():
        held = await disk.holder.take()
        disk.error = DamagedCatalog("The manifest cannot be read.")
        await disk.publish()
        assert (await disk.holder.take()) is held
        disk.error = None
        await disk.publish()
        assert (await disk.holder.take()) is not held
        await disk.holder.close()

    asyncio.run(run())
    assert len(disk.opened) == 2


def test_a_catalog_that_comes_later_is_taken_up(disk):
    async def run():
        disk.error, disk.stamp = NoCatalog("There is no catalog yet."), 0
        with pytest.raises(NoCatalog):
            await disk.holder.take()
        disk.error = None
        disk.stamp, disk.now = 1, 2.0
        assert (await disk.holder.take()).catalog is disk.opened[0]
        await disk.holder.close()

    asyncio.run(run())


def test_a_stamp_changes_with_the_pointer(tmp_path):
    pointer = tmp_path / "current"
    assert stamp_of(pointer) is None
    pointer.write_text("one")
    first = stamp_of(pointer)
    other = tmp_path / "other"
    other.write_text("two")
    other.replace(pointer)
    assert stamp_of(pointer) != first


def test_a_snapshot_published_beside_a_running_site_fails_no_request(small, tmp_path):
    """The site takes up what was published; every answer before, during and after is whole."""
    home, other = tmp_path / "home", tmp_path / "other"
    shutil.copytree(small.path, home)
    release = Path(shutil.copy(LAYOUTS / "icd10cm_order_2022.txt", tmp_path))
    settings = Settings(home=home, today=small.settings.today)
    made = build(user_inputs([release]), other / "snapshots", content=content.folder()).folder
    pointer = home / "snapshots" / "current"
    before = pointer.read_text().strip()
    app = application(settings)
    app.holder._clock = lambda: asyncio.get_running_loop().time() * 50  # look fifty times a second
    seen, statuses = [], set()

    async def visitor(client, done):
        while not done.is_set():
            statuses.add((await client.get("/codes/icd10cm/M54.50")).status_code)
            seen.append((await client.get("/api/v1/ready")).json()["snapshot"])
            await asyncio.sleep(0.001)

    async def run():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://plaincode") as client:
            done = asyncio.Event()
            visitors = [asyncio.create_task(visitor(client, done)) for _ in range(4)]
            await asyncio.sleep(0.2)
            shutil.copytree(made, home / "snapshots" / made.name)
            (home / "snapshots" / ".next").write_text(made.name + "\n")
            (home / "snapshots" / ".next").replace(pointer)
            await asyncio.sleep(1)
            done.set()
            await asyncio.gather(*visitors)
        await app.holder.close()

    asyncio.run(asyncio.wait_for(run(), 30))
    assert statuses == {200}
    assert (seen[0], seen[-1]) == (before, made.name)
    assert sorted(seen, key=(before, made.name).index) == seen  # never back to the old one
