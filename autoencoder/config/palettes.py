"""The colours of the dashboard's theme (.streamlit/config.toml), for files that leave it."""

CATEGORIES = (  # of classes, in their order
    *("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951"),
    *("#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"),
)
SEQUENCE = (  # from little to much
    *("#3b3cb8", "#6a3dbd", "#933fb8", "#b843a9", "#d94b92"),
    *("#f35876", "#fe745c", "#ff934e", "#feaf44", "#feca00"),
)
