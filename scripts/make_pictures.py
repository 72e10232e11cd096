"""Make the pictures of the README: every page, light and dark, and the moving one at its top.

    python -m scripts.make_pictures [--models DIR] [--data DIR] [--film]

It needs Chromium and Playwright, as the tests do (`make check` installs both).
The moving pictures are frames of a real drag over the map of MNIST, on the Decode page: nothing in
them is drawn by this program.
"""

import argparse
import io
import math
from collections.abc import Iterator

from PIL import Image
from playwright.sync_api import Browser, Page

from autoencoder.config.settings import Settings
from benchmarks.serving import ROOT, chromium, served

DOCS = ROOT / "docs"
SCHEMES = ("light", "dark")
WIDTH, HEIGHT = 1280, 860  # CSS pixels of a page
SMALL = 960  # pixels of a picture's width
QUALITY = 82  # of WebP
TIMEOUT = 120_000  # milliseconds
PAGES = {  # picture -> address; the runs are the pages' own choice
    "home": "",
    "train": "train",
    "reconstruct": "reconstruct",
    "latent_space": "latent_space",
    "decode": "decode",
    "interpolate": "interpolate",
    "inspect": "inspect",
    "compare": "compare",
    "labs": "labs?lab=E1",
}
FRAMES, PER_SECOND = 90, 15  # of the moving picture
RUN_UP = 3  # moves before the first frame, so that the drag is under way
MOST_BYTES = 4_000_000
AT_REST = """() => document.querySelector('[data-testid=stApp]')
  ?.getAttribute('data-test-script-state') === 'notRunning'
  && !document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]')"""


def opened(browser: Browser, address: str, scheme: str) -> Page:
    """A page at rest, in a window of the usual size."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page.goto(address)
    page.wait_for_function(AT_REST, timeout=TIMEOUT)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_000)  # charts and canvases are drawn after the script has ended
    return page


def photograph(browser: Browser, server: str) -> None:
    """Every page, in both schemes."""
    for name, path in PAGES.items():
        for scheme in SCHEMES:
            page = opened(browser, f"{server}/{path}", scheme)
            _reduced(page.screenshot()).save(DOCS / f"{name}-{scheme}.webp", quality=QUALITY)
            page.close()
            print(f"{name}-{scheme}.webp", flush=True)


def film(browser: Browser, server: str) -> None:
    """A drag over the map, the decoded digit beside it, in both schemes."""
    for scheme in SCHEMES:
        page = opened(browser, f"{server}/decode", scheme)
        page.locator(".live[data-ready]").wait_for(timeout=TIMEOUT)
        frames = list(_drag(page))
        page.close()
        path = DOCS / f"drag-{scheme}.webp"
        frames[0].save(
            path,
            save_all=True,
            append_images=frames[1:],
            duration=1_000 // PER_SECOND,
            loop=0,
            quality=QUALITY // 2,
            method=6,
        )
        size = path.stat().st_size
        print(f"{path.name}: {size / 1e6:.1f} MB", flush=True)
        if size > MOST_BYTES:
            raise RuntimeError(f"{path.name} is larger than {MOST_BYTES / 1e6:g} MB")


def _drag(page: Page) -> Iterator[Image.Image]:
    """Frames while the point is dragged along a closed path, so that the film has no seam."""
    live = page.locator(".live")
    box, pad = live.bounding_box(), page.locator("canvas.pad").bounding_box()
    assert box is not None and pad is not None
    clip = {**box, "height": min(box["height"], HEIGHT - box["y"])}
    for frame in range(-RUN_UP, FRAMES):
        turn = 2 * math.pi * frame / FRAMES
        x = pad["x"] + pad["width"] * (0.5 + 0.36 * math.cos(turn))
        y = pad["y"] + pad["height"] * (0.5 + 0.32 * math.sin(2 * turn))
        page.mouse.move(x, y)
        if frame == -RUN_UP:
            page.mouse.down()
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(resolve))")
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(resolve))")
        if frame >= 0:
            yield _reduced(page.screenshot(clip=clip))  # type: ignore[arg-type]
    page.mouse.up()


def _reduced(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return image.resize(
        (SMALL, round(image.height * SMALL / image.width)), Image.Resampling.LANCZOS
    )


def main() -> None:
    """Make all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models")
    parser.add_argument("--data")
    parser.add_argument("--film", action="store_true", help="only the moving pictures")
    arguments = parser.parse_args()
    settings = Settings.from_environment(models=arguments.models, data=arguments.data)
    with chromium() as browser, served(settings.models, settings.data) as server:
        if not arguments.film:
            photograph(browser, server)
        film(browser, server)


if __name__ == "__main__":
    main()
