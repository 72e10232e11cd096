"""Live parts of the pages: private mounts of Streamlit components, each behind a typed function."""
