/* The large images, the words about them, and the proportions of it all. */
import { paint, zoomFor } from "../canvas.js";
import { clamp, digits } from "../numbers.js";
import { imageName } from "../elements.js";

const MAGNIFIED = 56,
  NEAREST = 32; // CSS pixels: the test image beside the pointer, and the one under a large image
const WIDE = 1080,
  MEDIUM = 600; // CSS pixels of room from which three and two panes stand side by side
const PANE_GAP = 28,
  STAGE_GAP = 32,
  TILE_GAP = 4,
  CELL_GAP = 4; // CSS pixels, as in component.css
const BESIDE_LARGE = 400; // CSS pixels of a window's height that are not the two large images
const PAGE = 4; // frames that Page Up and Page Down go
const TILE = 50; // CSS pixels, about, of an image in the grid
const LABEL = 132; // CSS pixels for the name of a strip, where it stands beside it

export class LargeImages {
  constructor(root, scrubber) {
    const parts = ["magnifier", "axes", "note", "pad", "kinds"];
    for (const part of parts) this[part] = root.querySelector(`.${part}`);
    this.scrubber = scrubber;
    this.figures = Array.from(root.querySelectorAll("figure"), (figure) => ({
      image: figure.querySelector(".image"),
      nearest: figure.querySelector(".near canvas"),
      words: figure.querySelector(".near span"),
    }));
    [this.count, this.counted] = root.querySelectorAll(".frames input, .frames output");
  }

  limitFrames([least, most]) {
    Object.assign(this.count, { min: least, max: most });
  }

  /* All that stays while the place moves. */
  write({ frames, kind, run, map, images, letters }) {
    this.count.value = this.counted.textContent = frames;
    this.count.style.setProperty(
      "--at",
      (frames - this.count.min) / (this.count.max - this.count.min),
    );
    for (const button of this.kinds.children)
      button.setAttribute("aria-pressed", button.dataset.kind === kind);
    this.scrubber.span(0, frames - 1, frames, PAGE);
    this.axes.textContent = `across ${map.axes[0]} · up ${map.axes[1]}`;
    const about = `Map of ${map.count} test images, coloured by class, with the latent path`;
    this.pad.setAttribute(
      "aria-label",
      `${about}. A click on a point picks its image; + and - zoom.`,
    );
    const chosen = `${[...letters].slice(0, -1).join(", ")} and ${letters.at(-1)}`;
    this.words =
      `A latent path goes from decode(encode(${letters[0]})) to decode(encode(${letters.at(-1)})). ` +
      "The pixel blend goes between the images. The number under each frame is its distance to the " +
      `nearest of ${images.count.toLocaleString("en")} test images (MSE per pixel). ${chosen} and exact copies of ` +
      "them do not count. So the first number of the pixel blend is the distance from image " +
      `${letters[0]} to another real image. A line marks the frames in the middle half.` +
      (run.latentDim === 1
        ? " With a bottleneck of 1, the linear and the spherical path are the same."
        : "");
    this.writeNote(run);
    for (const { nearest } of this.figures)
      nearest.style.width = `${zoomFor(images.shape, NEAREST) * images.shape[2]}px`;
  }

  writeNote({ decoder }) {
    const words = `${decoder.note} ${this.words}`.trim();
    if (this.note.textContent !== words) this.note.textContent = words;
  }

  /* A position, which is at a place. */
  show({ frames, letters }, position, place, playing) {
    this.scrubber.say(
      `Frame ${Math.round(position) + 1} of ${frames} · ${shareOf(letters, place)}`,
    );
    this.scrubber.show(position, frames - 1, Boolean(playing));
  }

  /* The large image of the i-th way, which is at a place. */
  paint({ ways, images, letters }, i, place) {
    const { image } = this.figures[i];
    paint(image, ways[i].pixels, images.shape);
    image.setAttribute("aria-label", `${ways[i].title}, ${shareOf(letters, place)}`);
  }

  /* What test images the large images are nearest to, of those that are not chosen. */
  measure(interpolation) {
    const { images, size, run, ways } = interpolation;
    this.figures.forEach(({ nearest, words }, i) => {
      const { index, mse } = interpolation.nearestTo(ways[i], ways[i].pixels);
      nearest.style.visibility = index < 0 ? "hidden" : "";
      words.textContent = "";
      if (index < 0) return;
      paint(nearest, images.pixels, images.shape, index * size);
      const name = imageName(index, run.classes, images.labels[index]);
      words.textContent = `MSE ${digits(mse)} to ${name.replace(", ", ",\n")}`;
    });
  }

  /* The test image beside its point while the pointer is there; index -1: none. */
  point({ run, map, images, size }, pad, index) {
    pad.ghost = null; // only the path's own place is one
    this.magnifier.hidden = index < 0;
    if (index < 0) return;
    const [image, words] = this.magnifier.children;
    paint(image, images.pixels, images.shape, index * size);
    image.style.width = `${zoomFor(images.shape, MAGNIFIED) * images.shape[2]}px`;
    words.textContent = imageName(index, run.classes, images.labels[index]);
    const [x, y] = pad.onScreen([map.points[2 * index], map.points[2 * index + 1]]);
    const away = (at, room) => (at > pad.side - room ? "calc(-100% - 14px)" : "14px");
    this.magnifier.style.translate = `${away(x, 160)} ${away(y, 100)}`;
    [this.magnifier.style.left, this.magnifier.style.top] = [`${x}px`, `${y}px`];
  }
}

function shareOf(letters, place) {
  const leg = Math.min(Math.floor(place), letters.length - 2);
  return `${Math.round(100 * (place - leg))} % from ${letters[leg]} to ${letters[leg + 1]}`;
}

/* Sizes in CSS pixels at which everything fits a width, and beside each other a window's height, too:
   of the map, a large image, one in the grid, one in a strip; and the grid's columns and rows. */
export function layoutFor(width, height, shape, frames, classes) {
  const name = width >= WIDE ? "wide" : width >= MEDIUM ? "medium" : "narrow";
  const times = (zoom) => zoom * shape[2];
  const rooms = {
    wide: clamp((height - BESIDE_LARGE) / 2, 112, 200),
    medium: 200,
    narrow: Math.min(200, (width - STAGE_GAP) / 2), // beside each other on a phone, too
  };
  const large = times(zoomFor(shape, rooms[name]));
  const rounded = Math.round(TILE / Math.max(shape[1], shape[2]));
  const tile = times(rounded > 1 ? rounded : zoomFor(shape, TILE));
  const half = Math.floor((width - PANE_GAP) / 2);
  const side = { wide: Math.min(500, 2 * large + 108), medium: half, narrow: Math.min(440, width) }[
    name
  ];
  const gridWidth = {
    wide: width - side - large - 2 * PANE_GAP,
    medium: width - side - PANE_GAP,
    narrow: width,
  }[name];
  const columns = Math.max(1, Math.floor((gridWidth + TILE_GAP) / (tile + TILE_GAP)));
  const chips = classes > 1 ? 36 : 0;
  const rows = clamp(Math.floor((side - chips - 40) / (tile + TILE_GAP)), 2, 8);
  const strips = width - (name === "wide" ? LABEL : 0);
  const cell = times(zoomFor(shape, Math.min(96, strips / frames - CELL_GAP)));
  return { name, side, large, tile, columns, rows, cell };
}
