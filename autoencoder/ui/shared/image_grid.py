"""Images on a page: stacked, in labelled rows, touching between axes, or large; many on one sheet,
which CSS cuts up and enlarges to whole multiples.

An image has uint8 pixels, or such in [0, 1]. All sizes are in CSS pixels.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder.data import images as pictures
from autoencoder.ui.shared.colour_scale import signed_colours, signed_limit, signed_scale
from autoencoder.ui.shared.styles import style_beside

STYLE = style_beside(__file__)


# ---- Stacks: original, reconstruction, and whatever follows ----

STACK_GAP = 6  # between two stacks


def image_stacks(
    rows: Sequence[np.ndarray],
    *,
    size: int = 56,
    columns: int = 16,
    captions: Sequence[str] = (),
    alt: str = "",
) -> None:
    """Draw image i of each row stacked above each other: original, reconstruction, and whatever
    follows.

    Args:
        rows: Arrays (N, C, H, W) of one shape.
        size: At least about how large an image is drawn: a whole multiple of its own, or its own by
            a whole number; more where there is room.
        columns: At most; half or a quarter as many where they do not fit, so that rows stay whole.
        captions: N short texts to stand under the stacks.
        alt: What the stacks show, for those who cannot see it.
    """
    st.html(stacks_html(rows, size=size, columns=columns, captions=captions, alt=alt))


def signed_images(
    maps: np.ndarray,
    *,
    size: int,
    columns: int,
    captions: Sequence[str],
    alt: str,
    limit: float | None = None,
) -> None:
    """Draw maps (N, C, h, w) of numbers, the C of each stacked above each other, and the scale of
    their colours below, which ends at `limit`.
    """
    limit = limit or signed_limit(maps)
    rows = [signed_colours(maps[:, channel], limit) for channel in range(maps.shape[1])]
    image_stacks(rows, size=size, columns=columns, captions=captions, alt=alt)
    signed_scale(limit, is_cut=bool(np.abs(maps).max() > limit))


def large_image(image: np.ndarray, *, size: int = 280, alt: str = "") -> None:
    """Draw one image (C, H, W)."""
    image_stacks([image[None]], size=size, columns=1, alt=alt)


def stacks_html(
    rows: Sequence[np.ndarray],
    *,
    size: int,
    columns: int,
    captions: Sequence[str] = (),
    alt: str = "",
) -> str:
    """The HTML of `image_stacks`. All images are on one sheet, one row of it per row of `rows`, and
    made smaller if they are large.
    """
    rows = [pictures.shrunk(row, size) for row in rows]
    count, _, height, width = rows[0].shape
    images = np.concatenate([pictures.to_bytes(row) for row in rows])
    columns = min(columns, count)
    zoom = max(1, round(size / max(height, width)))
    name = f"wall-{zoom}-{width}-{columns}"
    captions = captions or [""] * count
    stacks = "".join(_stack(x, len(rows), caption) for x, caption in enumerate(captions))
    grid = _labelled(f"wall {name}", alt, _sheet(images, count), stacks)
    box = f'<div class="{"wall-box" if columns > 1 else ""}">{grid}</div>'
    return _styled(_stack_sizes(name, zoom, width, columns), box)


def _stack(x: int, rows: int, caption: str) -> str:
    cells = "".join(f'<i style="--x:{x};--y:{y}"></i>' for y in range(rows))
    below = f"<small>{html.escape(caption)}</small>" if caption else ""
    return f"<div><span>{cells}</span>{below}</div>"


def _stack_sizes(name: str, zoom: int, width: int, columns: int) -> Iterator[str]:
    """CSS that gives as many columns as fit the box, then as large images as fit."""
    # only what leaves whole rows
    parts = [columns // part for part in (4, 2) if columns % part == 0] or [columns]
    yield f".{name} {{ --zoom: {zoom}; --columns: {parts[0]}; }}"
    if columns == 1:
        return
    larger = [(each, columns) for each in range(zoom, 2 * zoom + 1)]
    for each, across in [*((zoom, part) for part in parts), *larger]:
        room = across * (each * width + STACK_GAP)
        yield _where(
            f"@container (min-width: {room}px)", name, f"--zoom: {each}; --columns: {across};"
        )


# ---- Labelled rows ----

ROW_GAP = 2  # between two images
LABEL = 190  # width of a row's label
ROW_MARGIN = 16
LARGEST_IN_ROW = 64
MOST_ZOOM = 14


def labelled_rows(rows: Sequence[tuple[str, str, np.ndarray]], *, alt: str) -> None:
    """Draw rows of as many images (N, C, H, W) each, one under the other, as large as fits.

    Args:
        rows: Each with its name, a smaller line under that, and the images.
        alt: What the rows show, for those who cannot see it.
    """
    count, _, _, width = rows[0][2].shape
    name = f"rows-{count}-{width}"
    content = "".join(_row(*row) for row in rows)
    sizes = f"--label:{LABEL}px;--gap:{ROW_GAP}px"
    body = f'<div class="rows-box">{_labelled(f"rows {name}", alt, sizes, content)}</div>'
    st.html(_styled(_row_sizes(name, count, width), body))


def _row(title: str, below: str, images: np.ndarray) -> str:
    cells = "".join(f'<i style="--x:{x};--y:0"></i>' for x in range(len(images)))
    label = f"<p>{html.escape(title)}<small>{html.escape(below)}</small></p>"
    sheet = _sheet(images, len(images))
    return f'<div>{label}<div class="images" style="{sheet}">{cells}</div></div>'


def _row_sizes(name: str, count: int, width: int) -> Iterator[str]:
    """CSS that gives the rows the largest whole multiple that fits beside the labels, up to 64
    pixels, or below them.
    """
    yield f".{name} {{ --zoom: 1; }}"
    for zoom in range(1, MOST_ZOOM + 1):
        if width * zoom <= max(LARGEST_IN_ROW, width):
            room = count * (width * zoom + ROW_GAP) + LABEL + ROW_MARGIN
            yield _where(f"@container (min-width: {room}px)", name, f"--zoom: {zoom};")


# ---- Touching images between two axes ----

# Windows narrower than NARROW give the sheet all they have: from a width to a width, and what the
# page's margins and the numbers of the upright axis take there. Streamlit's margins change at 864.
NARROW = 1_000
NARROW_WINDOWS = ((0, 863, 112), (864, NARROW - 1, 232))
SHARE = 0.6  # of wider windows
LARGEST = 1_000


def touching_images(
    images: np.ndarray,
    columns: int,
    *,
    level: tuple[str, str, str],
    upright: tuple[str, str, str],
    alt: str,
) -> None:
    """Draw images (N, C, H, W) with hairlines between them, row by row from the top left.

    Args:
        images: As many as fill whole rows.
        columns: Images in a row.
        level: What stands at the left end of the axis beneath, what the axis is called, what stands
            at its right end.
        upright: The same of the axis beside, from its lower end up; empty texts for an axis that
            there is not.
        alt: What it shows, for those who cannot see it.
    """
    sheet = pictures.sheet(images, columns)
    width = sheet.shape[1]
    name = f"mosaic-{width}"
    address = pictures.data_uri(sheet)
    picture = f'<div><img src="{address}" alt="{html.escape(alt)}"><div class="lines"></div></div>'
    sizes = f"--w:{width};--columns:{columns};--rows:{len(images) // columns}"
    content = f"{_axis('upright', upright[::-1])}{picture}{_axis('level', level)}"
    body = f'<div class="mosaic {name}" style="{sizes}">{content}</div>'
    st.html(_styled(_touching_sizes(name, width), body), width="content")


def _axis(name: str, texts: Sequence[str]) -> str:
    """What stands at the axis in reading order: an end, its title, the other end."""
    first, title, last = (html.escape(text) for text in texts)
    return f'<div class="{name}"><span>{first}</span><b>{title}</b><span>{last}</span></div>'


def _touching_sizes(name: str, width: int) -> Iterator[str]:
    """CSS that gives a sheet the largest whole multiple for the window; less than one, smoothed,
    where not even that fits.
    """
    yield f".{name} {{ --zoom: 1; }}"
    zooms = range(2, LARGEST // width + 1)
    for least, most, aside in NARROW_WINDOWS:
        small = f"@media (min-width: {least}px) and (max-width: {min(most, width + aside)}px)"
        smoothed = f"width: calc(100vw - {aside}px); image-rendering: auto;"
        yield _where(small, f"{name} img", smoothed)
        for zoom in zooms:
            window = f"(min-width: {max(least, zoom * width + aside)}px) and (max-width: {most}px)"
            yield _where(f"@media {window}", name, f"--zoom: {zoom};")
    for zoom in zooms:
        wide = f"(min-width: {max(NARROW, round(zoom * width / SHARE))}px)"
        yield _where(f"@media {wide}", name, f"--zoom: {zoom};")


# ---- Large images with captions ----

LARGE = 168  # about, at a whole multiple


@dataclass(frozen=True, eq=False)
class Picture:
    """One image (C, H, W), and two short texts below."""

    pixels: np.ndarray
    name: str
    about: str = ""


def large_images(groups: Sequence[Sequence[Picture]]) -> None:
    """Draw pictures side by side, those of a group close together."""
    parts = ("".join(map(_figure, group)) for group in groups)
    body = "".join(f"<div>{part}</div>" for part in parts)
    st.html(f'{STYLE}<div class="closeup">{body}</div>')


def _figure(picture: Picture) -> str:
    height, width = picture.pixels.shape[1:]
    zoom = _large_zoom(max(height, width))
    address = pictures.data_uri(pictures.to_bytes(picture.pixels).transpose(1, 2, 0))
    name, about = html.escape(picture.name), html.escape(picture.about)
    size = f"width={round(zoom * width)} height={round(zoom * height)}"
    caption = f"<figcaption>{name}<small>{about}&nbsp;</small></figcaption>"
    return f'<figure><img src="{address}" alt="{name}" {size}>{caption}</figure>'


def _large_zoom(side: int) -> float:
    """A whole multiple for a small image; a large one is no pixel art."""
    return max(1, round(LARGE / side)) if 2 * side <= LARGE else LARGE / side


# ---- What they share ----


def _sheet(images: np.ndarray, across: int) -> str:
    """CSS variables of images (N, C, H, W) that lie on one sheet, `across` in a row."""
    height, width = images.shape[2:]
    address = pictures.data_uri(pictures.sheet(images, across))
    return f"--sheet:url({address});--across:{across};--w:{width};--h:{height}"


def _labelled(names: str, alt: str, style: str, content: str) -> str:
    """An element that is an image to those who cannot see it."""
    label = html.escape(alt)
    return f'<div class="{names}" role="img" aria-label="{label}" style="{style}">{content}</div>'


def _where(condition: str, name: str, declarations: str) -> str:
    return f"{condition} {{ .{name} {{ {declarations} }} }}"


def _styled(rules: Iterator[str], body: str) -> str:
    return f"{STYLE}<style>{' '.join(rules)}</style>{body}"
