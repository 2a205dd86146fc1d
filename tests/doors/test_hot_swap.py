"""A running server takes up a new snapshot and fails no request; its log holds no question."""

import http.client
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest

from handmade import LAYOUTS, TODAY, Site
from plaincode import content, snapshot
from plaincode.build import build, user_inputs

ASKED = (
    "/api/v1/codes/icd10cm/M54.5",
    "/api/v1/search?q=low+back+pain",
    "/codes/icd10cm/M54.5",
    "/api/v1/browse/icd10cm",
    "/api/v1/ready",
    "/",
)


class Server:
    """`plaincode serve` in a process of its own."""

    def __init__(self, home):
        self._log = (home / "log.txt").open("w+")  # a pipe that nobody reads would fill up and block it
        env = {
            **os.environ,
            "PLAINCODE_HOME": str(home),
            "PLAINCODE_TODAY": TODAY,
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "200",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "plaincode", "serve", "--port", "0"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line
        self.port = int(found[1])

    def get(self, path, connection=None):
        asked = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked.request("GET", path)
        reply = asked.getresponse()
        body = reply.read()
        if connection is None:
            asked.close()
        return reply.status, body

    def stop(self):
        self._process.terminate()
        out, _ = self._process.communicate(timeout=30)
        with self._log:
            self._log.seek(0)
            return out + self._log.read()


@pytest.fixture
def mine(small, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(small.path, home)
    return home


@pytest.mark.slow
def test_new_snapshots_are_taken_up_while_requests_run(mine):
    server = Server(mine)
    statuses, failures, stop = [], [], threading.Event()

    def hammer(start):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        turn = start
        while not stop.is_set():
            path = ASKED[turn % len(ASKED)] + (f"?turn={turn}" if turn % len(ASKED) == 5 else "")
            turn += 1
            time.sleep(0.02)  # the builds below run in this very process and need the interpreter too
            try:
                status, body = server.get(path, connection)
            except OSError as error:
                failures.append(repr(error))
                return
            statuses.append(status)
            if status != 200:
                failures.append(f"{path}: {status} {body[:200]!r}")
        connection.close()

    def served():
        return json.loads(server.get("/api/v1/ready")[1])["snapshot"]

    first = served()
    threads = [threading.Thread(target=hammer, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    try:
        for years, billable in (((2021,), True), ((2021, 2022), False), ((2021,), True)):
            files = [LAYOUTS / f"icd10cm_order_{year}.txt" for year in years]
            made = build(user_inputs(files), mine / "snapshots", content=content.folder())
            wanted = snapshot.read(made.folder).id
            deadline = time.monotonic() + 30
            while served() != wanted:
                assert time.monotonic() < deadline, "the new snapshot is not taken up"
                time.sleep(0.05)
            shown = json.loads(server.get("/api/v1/codes/icd10cm/M54.5")[1])
            assert shown["billable"] is billable
            assert shown["release"]["version"] == f"FY{years[-1]}"
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        printed = server.stop()
    assert failures == []
    assert len(statuses) > 100
    assert first != wanted
    assert "Traceback" not in printed


@pytest.mark.slow
def test_a_damaged_snapshot_leaves_the_old_one_serving(mine):
    server = Server(mine)
    try:
        before = json.loads(server.get("/api/v1/ready")[1])["snapshot"]
        bad = mine / "snapshots" / "20991231T000000Z-bad"
        bad.mkdir()
        (bad / "manifest.json").write_text('{"format": 99}')
        pointer = mine / "snapshots" / ".current-new"
        pointer.write_text("20991231T000000Z-bad\n")
        pointer.replace(mine / "snapshots" / "current")
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            status, body = server.get("/api/v1/codes/icd10cm/M54.5")
            assert status == 200, body
            time.sleep(0.1)
        assert json.loads(server.get("/api/v1/ready")[1])["snapshot"] == before
    finally:
        printed = server.stop()
    assert "cannot be opened" in printed
    assert "Traceback" not in printed


@pytest.mark.slow
def test_the_log_of_a_server_holds_no_question_and_no_address(mine):
    server = Server(mine)
    asked_for = "hemorrhoidquestion"
    for path in (
        f"/search?q={asked_for}",
        f"/suggest?q={asked_for}",
        f"/api/v1/search?q={asked_for}",
        f"/api/v1/codes/icd10cm/{asked_for}",
        f"/{asked_for}",
        f"/codes/icd10cm/{asked_for}",
        f"/browse/{asked_for}",
        f"/api/v1/search?{asked_for}=1",
        "/codes/icd10cm/M54.5",
    ):
        server.get(path)
    log = server.stop()
    assert len(log.splitlines()) >= 9
    assert asked_for not in log
    assert "127.0.0.1" not in log
    assert "M54.5" not in log
    assert re.search(r"GET /codes/\{system\}/\{code\} 200 ", log)


def test_every_request_is_logged_by_its_route_alone(small, caplog):
    caplog.set_level(logging.DEBUG)
    site = Site(small.settings)
    asked_for = "hemorrhoidquestion"
    for path in (
        f"/search?q={asked_for}",
        f"/api/v1/search?q={asked_for}",
        f"/{asked_for}",
        f"/codes/{asked_for}/{asked_for}",
    ):
        site.get(path, headers={"x-forwarded-for": "198.51.100.9"})
    site.post("/api/v1/codes", json={"keys": [asked_for]})
    site.close()
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("plaincode")]
    assert len(ours) == 5
    assert re.fullmatch(r"GET /search \d+ [\d.]+ms", ours[0])
    for line in ours:
        assert asked_for not in line
        assert "203.0.113.7" not in line  # the client that handmade.Site says it is
        assert "198.51.100.9" not in line
