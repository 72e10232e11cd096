/* The strips: a row of frames for each way, and what they say. */
import { paint } from "../canvas.js";
import { digits } from "../numbers.js";
import { fill } from "../elements.js";

const SAME = 0.05; // of the larger of two distances: within it they count as no difference
const ROOMY = 44; // CSS pixels from which three digits fit under an image

export class Strips {
  constructor(root) {
    [this.strips, this.summary] = [".strips", ".summary"].map((part) => root.querySelector(part));
  }

  /* The rows as they will be; what is in them stays until it is measured. */
  write({ ways, frames, stops, middle, letters, slots, size, images }) {
    fill(
      this.strips,
      [{ key: "images", title: "Test images" }, ...ways],
      "div",
      (strip, { key, title }) => {
        if (!strip.firstChild) strip.innerHTML = "<header><b></b><span></span></header><div></div>";
        const [header, cells] = strip.children;
        strip.className = "strip";
        strip.dataset.way = key;
        header.firstChild.textContent = title;
        fill(cells, Array(frames).fill(title), "button", writeCell);
        [...cells.children].forEach((cell, i) =>
          cell.classList.toggle("middle", key !== "images" && middle[i]),
        );
        if (key === "images") header.lastChild.textContent = "";
      },
    );
    const cells = [...this.strips.firstChild.lastChild.children];
    cells.forEach((cell, frame) => {
      const slot = stops.indexOf(frame);
      cell.firstChild.textContent = letters[slot] ?? "";
      cell.classList.toggle("none", slot < 0);
      if (slot >= 0) paint(cell.children[1], images.pixels, images.shape, slots[slot] * size);
    });
  }

  /* A frame that has been measured. */
  paint({ ways, images }, way, frame, pixels) {
    const cell = this.strips.children[1 + ways.indexOf(way)].lastChild.children[frame];
    const [, canvas, words] = cell.children;
    const mse = way.mse[frame];
    paint(canvas, pixels, images.shape);
    words.textContent =
      this.cell < ROOMY ? short(mse) : mse && mse < 1e-3 ? mse.toFixed(4) : digits(mse);
    cell.setAttribute(
      "aria-label",
      `${way.title}, frame ${frame + 1}, MSE ${digits(mse)} to the nearest other test image`,
    );
  }

  outline(frame) {
    if (this.outlined === frame) return;
    for (const strip of this.strips.children) {
      [...strip.lastChild.children].forEach((cell, i) =>
        cell.classList.toggle("current", i === frame),
      );
    }
    this.outlined = frame;
  }

  /* All frames are measured. */
  conclude(interpolation) {
    interpolation.ways.forEach((way, i) => {
      const mean = interpolation.middleMean(way);
      this.strips.children[1 + i].firstChild.lastChild.textContent = Number.isNaN(mean)
        ? ""
        : `middle half ${digits(mean)}`;
    });
    this.summary.textContent = summaryOf(interpolation);
  }
}

function writeCell(cell, title, frame) {
  if (!cell.firstChild) cell.innerHTML = '<b></b><canvas class="image"></canvas><small></small>';
  cell.type = "button";
  cell.tabIndex = -1; // the slider is there for the keys
  cell.dataset.frame = frame;
  cell.ariaLabel ??= `${title}, frame ${frame + 1}`;
}

/* Two digits after the point, for where there is no room for more. */
const short = (mse) =>
  mse === 0 || mse >= 0.995 ? digits(mse) : mse.toFixed(mse < 0.0995 ? 3 : 2).slice(1);

/* Which way stays nearer to real images in its middle half, and how near real images are to each
   other. */
export function summaryOf(interpolation) {
  const { letters, middle, measurable } = interpolation;
  if (!measurable)
    return "All test images are chosen. No test image is left to measure a distance to.";
  if (!middle.includes(true))
    return "No frame is in the middle half between two images. Choose more frames to compare the paths.";
  const [latent, pixels] = interpolation.ways.map((way) => interpolation.middleMean(way));
  const way = letters.length > 2 ? "each way from image to image" : "the way from A to B";
  const compared = `mean MSE ${digits(latent)} against ${digits(pixels)}`;
  const same = Math.abs(latent - pixels) <= SAME * Math.max(latent, pixels);
  const verdict = same
    ? `latent path and pixel blend are equally near to real images: ${compared}.`
    : `the latent path is ${latent < pixels ? "nearer to" : "further from"} real images than the pixel blend: ${compared}.`;
  return `In the middle half of ${way}, ${verdict} ${usual(interpolation.yardstick)}`.trim();
}

/* What a distance is compared with. */
const usual = ({ distance, images }) =>
  distance === 0
    ? ""
    : `The median distance from a test image to its nearest neighbour is ${digits(distance)} (${images.toLocaleString("en")} test images).`;
