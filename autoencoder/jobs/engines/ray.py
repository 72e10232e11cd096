"""Ray as an engine: its Jobs API over plain HTTP, so that nothing of Ray is installed here.

    POST /api/jobs/              submission_id, entrypoint and what it needs
    GET  /api/jobs/ID            status, message, error_type; 404 for a job it does not know
    GET  /api/jobs/ID/logs       what the job has written
    POST /api/jobs/ID/stop       SIGTERM, then SIGKILL after RAY_JOB_STOP_WAIT_TIME_S

Tried with Ray 2.60. Ray keeps its jobs in the memory of the head node: a new head knows none.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from autoencoder.errors import ConfigError, EngineError, EngineRefusedError
from autoencoder.jobs.engines.engine import (
    EXPIRED,
    FAILED,
    RUNNING,
    STOPPED,
    SUCCEEDED,
    WAITING,
    EngineJob,
    JobStatus,
)

TIMEOUT = 3.0  # seconds for each wait: for the connection, for the answer
MOST_BYTES = 4 << 20  # of an answer
MOST_LETTERS = 200  # of an answer that is shown
STOP_SECONDS = 10  # between SIGTERM and SIGKILL; a training ends itself before that
STATES = {
    "PENDING": WAITING,
    "RUNNING": RUNNING,
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "STOPPED": STOPPED,
}
LOG_FOLLOWS = ", last available logs"  # after "... failed with exit code 1"
# Of a job that has waited for a place for RAY_JOB_START_TIMEOUT_SECONDS, by default 15 minutes.
NEVER_BEGUN = "JOB_SUPERVISOR_ACTOR_START_TIMEOUT"
NOT_FOUND, TOKEN_MISSING, TOKEN_WRONG, BAD_REQUEST = 404, 401, 403, 400


@dataclass(frozen=True)
class RayEngine:
    """The Ray whose dashboard answers at `address`, such as http://10.0.0.1:8265.

    Raises ConfigError if that is no such address.
    """

    address: str
    title: ClassVar[str] = "Ray"

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.address)
            is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            is_address = is_address and parts.path in ("", "/") and not parts.query
            is_address = is_address and "@" not in parts.netloc and len(self.address) < 200
        except ValueError:  # of a port that is no number
            is_address = False
        if not is_address:
            shown = "one with a password" if "@" in self.address else repr(self.address[:80])
            raise ConfigError(
                "AUTOENCODER_ENGINE=ray: must be followed by the address of Ray's dashboard, as in"
                f" ray:http://10.0.0.1:8265; got {shown}"
            )

    def submit(self, job: EngineJob) -> None:
        """See `Engine`."""
        order = {
            "submission_id": job.id,
            "entrypoint": job.shell_line,
            "entrypoint_num_cpus": job.cpus,
            "entrypoint_num_gpus": job.gpus,
            "entrypoint_memory": job.memory,
            "runtime_env": {"env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(STOP_SECONDS)}},
        }
        status, answer = self._answer("POST", "", order)
        if status == BAD_REQUEST:
            raise EngineRefusedError(f"Ray refused the job: {_last_line(answer)}")
        # Said with status 500, and the traceback of a ValueError.
        if status and "already exists" not in answer:
            raise self._error(status, answer)

    def state(self, job_id: str) -> JobStatus | None:
        """See `Engine`."""
        status, answer = self._answer("GET", f"{quote(job_id, safe='')}")
        if status == NOT_FOUND:
            return None
        details = self._details(status, answer)
        word, message = details.get("status"), details.get("message")
        if not isinstance(word, str) or word not in STATES:
            raise EngineError(f"Ray at {self.address} gave a job a status of its own: {word!r:.80}")
        state = EXPIRED if details.get("error_type") == NEVER_BEGUN else STATES[word]
        text = message if isinstance(message, str) else ""
        return JobStatus(state, word, text.partition(LOG_FOLLOWS)[0].strip())

    def cancel(self, job_id: str) -> None:
        """See `Engine`."""
        status, answer = self._answer("POST", f"{quote(job_id, safe='')}/stop")
        if status and status != NOT_FOUND:
            raise self._error(status, answer)

    def logs(self, job_id: str) -> str:
        """See `Engine`."""
        status, answer = self._answer("GET", f"{quote(job_id, safe='')}/logs")
        if status == NOT_FOUND:
            return ""
        logs = self._details(status, answer).get("logs")
        return logs if isinstance(logs, str) else ""

    def _answer(self, method: str, path: str, data: Any = None) -> tuple[int, str]:
        """What Ray answers, and the HTTP status if that is an error, else 0. Raises EngineError."""
        headers = {"Content-Type": "application/json"}
        if token := _token():
            headers["Authorization"] = f"Bearer {token}"
        body = None if method == "GET" else json.dumps(data or {}).encode()
        url = f"{self.address.rstrip('/')}/api/jobs/{path}"
        try:
            request = Request(url, body, headers, method=method)
            with build_opener(NoRedirects).open(request, timeout=TIMEOUT) as response:
                return 0, response.read(MOST_BYTES).decode(errors="replace")
        except HTTPError as error:
            with error:
                return error.code, error.read(MOST_BYTES).decode(errors="replace")
        except (OSError, HTTPException, ValueError) as error:
            raise EngineError(f"Ray at {self.address} does not answer: {_reason(error)}") from error

    def _details(self, status: int, answer: str) -> dict[str, Any]:
        """The JSON object in an answer. Raises EngineError."""
        if status:
            raise self._error(status, answer)
        try:
            details = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise self._nonsense(answer) from error
        if not isinstance(details, dict):
            raise self._nonsense(answer)
        return details

    def _nonsense(self, answer: str) -> EngineError:
        return EngineError(
            f"what answers at {self.address} is not Ray's Jobs API: it says {answer[:60]!r}"
        )

    def _error(self, status: int, answer: str) -> EngineError:
        if status in (TOKEN_MISSING, TOKEN_WRONG):
            problem = "wants a token" if status == TOKEN_MISSING else "refused the token"
            return EngineError(
                f"Ray at {self.address} {problem}: set AUTOENCODER_RAY_TOKEN (HTTP {status})"
            )
        return EngineError(
            f"Ray at {self.address} had a problem (HTTP {status}): {_last_line(answer)}"
        )


class NoRedirects(HTTPRedirectHandler):
    """Another server is not told the token."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        """None: a redirection is an error like any other."""


def _token() -> str:
    """AUTOENCODER_RAY_TOKEN, or where Ray itself looks for its token; empty if there is none.

    Raises EngineError if it cannot be sent.
    """
    token = os.environ.get("AUTOENCODER_RAY_TOKEN") or os.environ.get("RAY_AUTH_TOKEN") or ""
    if not token:
        path = os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token"
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            token = Path(path).read_text()
    token = token.strip()
    if not (token.isascii() and token.isprintable()):  # or its error would show it
        raise EngineError("the token for Ray must be one line of ASCII letters, digits and signs")
    return token


def _reason(error: Exception) -> str:
    """Why there is no answer, in a few words; urllib wraps the error of the socket."""
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError):
        return f"nothing came within {TIMEOUT:g} seconds"
    return (getattr(inner, "strerror", "") or str(inner) or type(inner).__name__)[:MOST_LETTERS]


def _last_line(text: str) -> str:
    """The last line of a traceback says what is wrong."""
    lines = text.strip().splitlines()
    return lines[-1].strip()[:MOST_LETTERS] if lines else "it says nothing"
