"""Where a run is trained: engine, node and job, its log as it grows, and what the engine says
where that does not fit what the run's folder says.
"""

import streamlit as st

from autoencoder.jobs.engines.engine import RUNNING, WAITING
from autoencoder.jobs.reconciliation import Report, report_of
from autoencoder.runs import Run
from autoencoder.ui.shared.machines import machine
from autoencoder.ui.shared.shell import explained, queue, store, tick
from autoencoder.ui.shared.text import literal

EVERY = 2.0  # seconds
LOG_BYTES = 8_000  # of the end of a log
LOG_LINES = 40
UNKNOWN, ENDED = "unknown", "ended"
# The state of the run as its folder says it, and the job's as the engine says it -> what that
# means. Where nothing stands the two agree.
REMARKS = {
    ("queued", WAITING): "{engine} has the job in its queue and waits for a machine that is free.",
    ("queued", RUNNING): "{engine} has started the job; its process is still loading.",
    ("queued", UNKNOWN): "{engine} does not know the job and gets it again.",
    ("queued", ENDED): "{engine} says {word}, but the training has not begun. {message}",
    ("running", WAITING): "{engine} says {word}, but a process holds the run's lock and trains it.",
    ("running", UNKNOWN): (
        "{engine} does not know the job, perhaps because its head node was started again. A process"
        " holds the run's lock and trains it all the same."
    ),
    ("running", ENDED): (
        "{engine} says {word}, but a process holds the run's lock and trains it. {message}"
    ),
    ("interrupted", WAITING): "{engine} says {word}. If you continue the run, it gets a new job.",
    ("interrupted", RUNNING): (
        "{engine} says {word}, but no process holds the run's lock: its machine may have lost the"
        " shared folder. If you continue the run, this job is cancelled first."
    ),
    ("interrupted", UNKNOWN): (
        "{engine} does not know the job, perhaps because its head node was started again."
    ),
    ("interrupted", ENDED): "{engine} says {word}. {message}",
    ("stopped", WAITING): (
        "{engine} still has the job in its queue. When its turn comes it ends at once."
    ),
    ("stopped", RUNNING): "{engine} says {word}: the process is about to end.",
    ("failed", ENDED): "{engine} says {word}. {message}",
}


@explained
def training_machine(key: str) -> None:
    """One line on where the run is trained, what the engine says of it, and the log."""
    run = store().get(key)
    is_open = run.is_live or _is_unanswered(run)
    st.fragment(_machine, run_every=EVERY if is_open else None)(key, is_open)


@explained
def _machine(key: str, is_open: bool) -> None:
    tick()
    run = store().get(key)
    if where := _where(run):
        st.caption(where)
    report = report_of(queue().settings, run)
    if report and (words := remark(run, report)):
        st.info(literal(words, 600), icon=":material/dns:")
    lines = run.log(LOG_BYTES) or (report.answer.log if report and report.answer else "")
    if lines.strip():
        with st.expander("Log", icon=":material/notes:"):
            st.code("\n".join(lines.splitlines()[-LOG_LINES:]), language=None, wrap_lines=True)
    if is_open and not run.is_live and not _is_unanswered(run):
        st.rerun()


def _is_unanswered(run: Run) -> bool:
    """Whether the engine is still to be asked about a run that has ended."""
    report = report_of(queue().settings, run)
    return report is not None and report.answer is None and not report.problem


def _where(run: Run) -> str:
    """Engine, node and job; of a training on this machine its process, while it lives."""
    record = run.record
    if record.engine_job:
        address = record.engine.partition(":")[2]
        parts = [machine(record), address, f"job {record.engine_job}"]
        return " · ".join(literal(part, 200) for part in parts)
    if run.state == "running" and record.node:
        return f"Machine {literal(record.node)} · process {record.pid}"
    return ""


def remark(run: Run, report: Report) -> str:
    """What the engine says, in a sentence; empty if it says what the folder says."""
    if report.problem:
        return f"{report.problem}. What this page shows is what the run's folder says."
    if report.answer is None:
        return ""
    status = report.answer.status
    state = UNKNOWN if status is None else ENDED if status.has_ended else status.state
    template = REMARKS.get((run.state, state), "")
    return template.format(
        engine=report.title,
        word=status.word if status else "",
        message=status.message.partition("\n")[0] if status else "",
    ).strip()
