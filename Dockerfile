# How to build, run, update and back up: docs/container.md. What runs as process 1: container/entrypoint.py.
ARG BASE=python:3.11-slim

FROM ${BASE} AS packages
# PyTorch's index of CPU builds: a tenth of the size of those with CUDA. Empty: PyPI's builds, for NVIDIA GPUs.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt .
# Wheels only: nothing is compiled, here or later.
RUN python -m venv /venv \
 && install="/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary=:all:" \
 && if [ -n "$TORCH_INDEX" ]; then \
      grep -E '^torch(vision)?[>=]' requirements.txt > torch.txt \
      && $install -r torch.txt --index-url "$TORCH_INDEX"; \
    fi \
 && $install -r requirements.txt
# What is never used at run time: the packages' own tests, C++ headers, static libraries, pip.
COPY container/slim.sh .
RUN sh slim.sh /venv

FROM ${BASE}
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /tmp lab \
 && install --directory --owner=lab --group=lab /models /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY app.py LICENSE ./
COPY .streamlit .streamlit
COPY container container
COPY pages pages
COPY autoencoder autoencoder
# The runs that come with it. A models folder that is empty when the container starts gets a copy.
COPY models models
RUN python -m compileall -q app.py pages autoencoder container

# Written to at run time: /models, /data and /tmp; everything else may be read-only. Without the last line Streamlit
# asks a server on the internet for this machine's address.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/data/.cache/numba \
    AUTOENCODER_MODELS=/models \
    AUTOENCODER_DATA=/data \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost
USER 1000:1000
VOLUME ["/models", "/data"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["python", "-S", "container/healthy.py"]
# Hands SIGTERM on to trainings too, which tini and Docker's own init do not.
ENTRYPOINT ["python", "container/entrypoint.py"]
CMD ["streamlit", "run", "app.py"]
