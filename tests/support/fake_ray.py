"""A small server that answers as Ray's Jobs API does (2.60), and in other ways. It runs nothing: a
test says what becomes of a job.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

API = "/api/jobs/"


class FakeRay:
    """What a Ray knows, and how it answers.

    Attributes:
        jobs: Id -> what was submitted, with a "status" and perhaps a "message".
        logs: Id -> what the job wrote.
        requests: What was asked for, in order: "POST /api/jobs/".
        headers: Those of the last request.
        token: Without it in the request the answer is 401, with another one 403; "" wants none.
        refusal: Why it takes no job; "" if it takes them.
        answer: Status and body of every answer, instead of what Ray would say.
        silent: Whether it takes connections and answers nobody, until `end`.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, str] = {}
        self.requests: list[str] = []
        self.headers: dict[str, str] = {}
        self.token = ""
        self.refusal = ""
        self.answer: tuple[int, str] | None = None
        self.silent = False
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        """Such as http://127.0.0.1:40123."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def stopped(self) -> list[str]:
        """The jobs that it was told to stop, in order."""
        ends = [each for each in self.requests if each.endswith("/stop")]
        return [each.removeprefix(f"POST {API}").removesuffix("/stop") for each in ends]

    def becomes(self, status: str, **details: str) -> None:
        """Every job is now so."""
        for job in self.jobs.values():
            job.update(status=status, **details)

    def end(self) -> None:
        """Answer nobody any more."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def reply(self, method: str, path: str, sent: dict[str, Any]) -> tuple[int, str]:
        """Status and body."""
        if self.answer is not None:
            return self.answer
        if self.token and "Authorization" not in self.headers:
            return 401, "Unauthorized: Missing authentication token"
        if self.token and self.headers["Authorization"] != f"Bearer {self.token}":
            return 403, "Forbidden: Invalid authentication token"
        job_id, _, what = path.removeprefix(API).partition("/")
        if (method, job_id) == ("POST", ""):
            return self._take(sent)
        if job_id not in self.jobs:
            return 404, f"Job {job_id} does not exist"
        if what == "logs":
            return 200, json.dumps({"logs": self.logs.get(job_id, "")})
        if what == "stop":
            return 200, json.dumps({"stopped": True})
        return 200, json.dumps(self.jobs[job_id])

    def _take(self, sent: dict[str, Any]) -> tuple[int, str]:
        job_id = sent["submission_id"]
        if self.refusal:
            return 400, f"Traceback (most recent call last):\n  ...\n{self.refusal}"
        if job_id in self.jobs:
            words = f"Job with submission_id {job_id} already exists. Please use a different one."
            return 500, f"Traceback (most recent call last):\n  ...\nRuntimeError: {words}"
        self.jobs[job_id] = {**sent, "status": "PENDING"}
        return 200, json.dumps({"submission_id": job_id})


def _handler(ray: FakeRay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def _reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length) or "{}")
            ray.headers = dict(self.headers)
            ray.requests.append(f"{self.command} {self.path}")
            if ray.silent:
                ray.ended.wait()
                return
            status, body = ray.reply(self.command, self.path, sent)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = _reply  # noqa: N815  # the names that http.server looks for

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def fake_ray() -> Iterator[FakeRay]:
    """A server that has ended when the block has."""
    ray = FakeRay()
    try:
        yield ray
    finally:
        ray.end()
