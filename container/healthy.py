"""Whether the dashboard of this container answers: exit status 0 if it does."""

import os
import urllib.request

PORT = os.environ.get("STREAMLIT_SERVER_PORT", "8501")

with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=8) as answer:
    answer.read()
