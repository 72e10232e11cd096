"""The only Streamlit in the package: a folder for each page, and what pages share."""
