"""
A listener for `benchmarks.agent`: answers as the controller does, and keeps nothing.

Prints the port that it was given.
"""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sentinel_netlab.client.sensor import HEARTBEAT, TELEMETRY


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name that http.server wants
        """Take a batch or a heartbeat."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == HEARTBEAT:
            self._answer(200, {"time_us": time.time_ns() // 1000})
        elif self.path == TELEMETRY:
            key = self.headers["Idempotency-Key"]
            self._answer(202, {"batch_id": key, "status": "accepted"})
        else:
            self._answer(404, {"code": "not_found"})

    def do_PUT(self) -> None:
        """Take the frames behind an alert."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201, {"alert_id": self.path.split("/")[-2]})

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until a signal."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
