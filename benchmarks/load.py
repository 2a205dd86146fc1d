"""A small load generator for HTTP/1.1 on the loopback: several kept connections, one request at a time each.

Runs as a process of its own and says on standard output what it did. Bounded in count and in time. It
reads each answer whole and counts those that are not 200. Requests are made beforehand and the sockets are
asked with epoll, so that it costs less than the server it loads; `busy` says what share of a processor it
took all the same: near 1, it is the generator that was measured.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import sys
import time


def requests(addresses: list[str], count: int, host: str, *, gzip: bool) -> list[bytes]:
    """Return whole requests, the addresses in turn."""
    accepts = "gzip" if gzip else "identity"
    tail = f" HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {accepts}\r\n\r\n"
    made = [f"GET {path}{tail}".encode() for path in addresses]
    return [made[i % len(made)] for i in range(count)]


def length(answer: bytes) -> int:
    """Return how long an answer is with its head, as it states itself; -1 while the head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return -1
    at = answer.find(b"content-length: ", 0, end)
    return end + 4 + (int(answer[at + 16 : answer.find(b"\r\n", at)]) if at > 0 else 0)


def load(host: str, port: int, pending: list[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Send until nothing is left or the time is over; return counts, seconds and latencies in ms."""
    pending.reverse()
    poll = select.epoll()
    lines: dict[int, socket.socket] = {}
    asked: dict[int, float] = {}
    partial: dict[int, bytes] = {}
    taken: list[float] = []
    other = size = largest = 0
    clock = time.perf_counter
    start, used = clock(), time.process_time()
    until = start + seconds
    for _ in range(min(connections, len(pending))):
        sock = socket.create_connection((host, port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fd = sock.fileno()
        lines[fd] = sock
        poll.register(fd, select.EPOLLIN)
        asked[fd] = clock()
        sock.send(pending.pop())
    while lines:
        ready = poll.poll(10)
        if not ready:
            raise SystemExit("the server has not answered for ten seconds")
        for fd, _ in ready:
            sock = lines[fd]
            piece = sock.recv(262_144)
            if not piece:
                raise SystemExit("the server closed a connection")
            answer = partial.pop(fd) + piece if fd in partial else piece
            whole = length(answer)
            if whole < 0 or len(answer) < whole:
                partial[fd] = answer
                continue
            now = clock()
            taken.append(now - asked[fd])
            other += not answer.startswith(b"HTTP/1.1 200")
            size += whole
            largest = max(largest, whole)
            if pending and now < until:
                asked[fd] = now
                sock.send(pending.pop())
            else:
                poll.unregister(fd)
                lines.pop(fd).close()
    elapsed = clock() - start
    taken.sort()
    return {
        "requests": len(taken),
        "seconds": elapsed,
        "busy": (time.process_time() - used) / elapsed,
        "other": other,
        "mean_bytes": size / max(1, len(taken)),
        "largest_bytes": largest,
        "p50_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Load a server on the loopback; addresses on standard input."
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--gzip", action="store_true")
    asked = parser.parse_args()
    addresses = sys.stdin.read().split()
    host = "127.0.0.1"
    pending = requests(addresses, asked.count, f"{host}:{asked.port}", gzip=asked.gzip)
    print(json.dumps(load(host, asked.port, pending, asked.connections, asked.seconds)))


if __name__ == "__main__":
    main()
