"""A small load generator for HTTP/1.1 on the loopback: several kept connections, one request at a time each.

Runs as a process of its own and says on standard output what it did. Bounded in count and in time. It
reads each answer whole and counts those that are not 200; it costs about 20 µs a request, so one of these
keeps one server process busy.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A connection: what has been read of the answer under way, and when it was asked for."""

    sock: socket.socket
    buffer: bytes = b""
    need: int = -1
    asked: float = 0.0


def requests(addresses: list[str], count: int, host: str, *, gzip: bool) -> Iterator[bytes]:
    """Yield whole requests, the addresses in turn."""
    accepts = "gzip" if gzip else "identity"
    for i in range(count):
        path = addresses[i % len(addresses)]
        yield f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {accepts}\r\n\r\n".encode()


def whole(line: Line) -> bool:
    """Tell whether the answer has arrived, its length as its own header states it."""
    if line.need < 0:
        end = line.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        at = line.buffer.find(b"content-length: ")
        stop = line.buffer.find(b"\r\n", at)
        line.need = end + 4 + (int(line.buffer[at + 16 : stop]) if 0 <= at < end else 0)
    return len(line.buffer) >= line.need


def load(
    host: str, port: int, pending: Iterator[bytes], connections: int, seconds: float
) -> dict[str, float]:
    """Send until nothing is left or the time is over; return counts, seconds and latencies in ms."""
    selector = selectors.DefaultSelector()
    taken: deque[float] = deque()
    other, size, largest = 0, 0, 0
    start = time.perf_counter()
    until = start + seconds

    def ask(line: Line) -> bool:
        request = next(pending, None) if time.perf_counter() < until else None
        if request is None:
            selector.unregister(line.sock)
            line.sock.close()
            return False
        line.buffer, line.need, line.asked = b"", -1, time.perf_counter()
        line.sock.sendall(request)
        return True

    busy = 0
    for _ in range(connections):
        sock = socket.create_connection((host, port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(sock)
        selector.register(sock, selectors.EVENT_READ, line)
        busy += ask(line)
    while busy:
        for key, _ in selector.select(timeout=10):
            line = key.data
            piece = line.sock.recv(262_144)
            if not piece:
                raise SystemExit("the server closed a connection")
            line.buffer += piece
            if whole(line):
                taken.append((time.perf_counter() - line.asked) * 1000)
                other += not line.buffer.startswith(b"HTTP/1.1 200")
                size += line.need
                largest = max(largest, line.need)
                busy -= not ask(line)
    elapsed = time.perf_counter() - start
    ordered = sorted(taken)
    return {
        "requests": len(ordered),
        "seconds": elapsed,
        "other": other,
        "mean_bytes": size / max(1, len(ordered)),
        "largest_bytes": largest,
        "p50_ms": ordered[len(ordered) // 2],
        "p99_ms": ordered[int(len(ordered) * 0.99)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Load a server on the loopback; addresses on standard input."
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--gzip", action="store_true")
    asked = parser.parse_args()
    addresses = sys.stdin.read().split()
    host = "127.0.0.1"
    pending = requests(addresses, asked.count, f"{host}:{asked.port}", gzip=asked.gzip)
    print(json.dumps(load(host, asked.port, pending, asked.connections, asked.seconds)))


if __name__ == "__main__":
    main()
