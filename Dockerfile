# docker build -t latent-lab . && docker run -p 8501:8501 -v latent-lab-models:/app/models -v latent-lab-data:/data latent-lab
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 AUTOENCODER_DATA=/data AUTOENCODER_MODELS=/app/models
WORKDIR /app

# CPU builds of torch: a tenth of the size of those with CUDA. The rest comes from PyPI, and finds torch there already.
COPY requirements.txt .
RUN pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu \
 && pip install -r requirements.txt

COPY . .
RUN useradd --create-home --uid 1000 lab \
 && mkdir -p /data \
 && chown -R lab:lab /data /app/models
USER lab

# A named volume that is empty at first is filled with the image's committed runs.
VOLUME ["/app/models", "/data"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# Trainings are processes of their own in the same container: stopping it interrupts them, and they can go on later.
CMD ["streamlit", "run", "app.py", "--server.port=8501", "--server.address=0.0.0.0", "--server.headless=true"]
