/* The live decoder's pictures, words and proportions. */
import { paint, zoomFor } from "../canvas.js";
import { NEIGHBOURS, nearestImage } from "../latent_map.js";
import { clamp, digits } from "../numbers.js";
import { imageName } from "../elements.js";
import { uniform } from "../random.js";
import { FRAMES } from "./sliders.js";

const AMONG = 1.5,
  NEARBY = 4,
  FARTHEST = 16; // usual spacings: what is called among data, near data, and the gauge's end
const MAGNIFIED = 56; // CSS pixels, the test image beside the pointer
const WIDE = 900,
  NARROW = 560; // CSS pixels of room from which things stand in full, and side by side at all
const GUTTER = 32;

export class View {
  constructor(root) {
    const parts = [
      "pad",
      "decoded",
      "nearest",
      "what",
      "near",
      "gauge",
      "said",
      "note",
      "magnifier",
      "axes",
    ];
    for (const part of parts) this[part] = root.querySelector(`.${part}`);
    this.field = root.querySelector(".starts input");
    this.gauge.style.setProperty("--among", onGauge(AMONG));
    this.gauge.style.setProperty("--nearby", onGauge(NEARBY));
  }

  begin(images) {
    const [channels, high, wide] = images.shape;
    this.images = images;
    this.pixels = new Float32Array(channels * high * wide);
    this.index = -1; // of the nearest test image
    this.field.max = images.count - 1;
    this.field.value = 0;
  }

  /* The number in the field, of a test image that is there. */
  get chosen() {
    return clamp(Math.round(this.field.valueAsNumber) || 0, 0, this.images.count - 1);
  }

  write(live) {
    const { map, run } = live;
    this.axes.textContent = `across ${map.axes[0]} · up ${map.axes[1]}`;
    this.writeNote(live);
    this.pad.setAttribute(
      "aria-label",
      `Latent map of ${map.count} test images${run.classes.length > 1 ? ", coloured by class" : ""}. Arrow keys move the point that is decoded, + and - zoom.`,
    );
  }

  writeNote({ map, run }) {
    const notes = [
      !map.exact &&
        `This map cannot be inverted exactly. A place decodes a weighted mean of the latents of its ${NEIGHBOURS} nearest points.`,
      run.decoder.note,
    ];
    const words = notes.filter(Boolean).join(" ");
    if (this.note.textContent !== words) this.note.textContent = words;
    this.note.hidden = !words;
  }

  /* pixels: (H, W, C), which may be overwritten afterwards. */
  show(pixels, words) {
    paint(this.decoded, pixels, this.images.shape);
    this.pixels.set(pixels);
    if (this.what.textContent !== words) this.what.textContent = words;
    this.due = true;
  }

  /* Say what belongs to the newest image, once that is known, to those who cannot see it. */
  speak() {
    this.speaking = this.due = true;
  }

  /* Finds what belongs to the newest image; false if that is done. */
  step({ map, run, hovered, place, latent, isBehind }) {
    if (!this.due) return false;
    this.due = false;
    const { index, mse } = nearestImage(this.pixels, this.images, Math.max(0, this.index));
    if (index !== this.index) this.paintTest(this.nearest, index);
    this.index = index;
    this.near.textContent = `Nearest test image: ${this.named(index, run)} · MSE ${digits(mse)}`;
    const words = this.measure(
      hovered ? map.distance(hovered.place, hovered.latent) : map.distance(place, latent),
    );
    this.decoded.setAttribute("aria-label", `Decoded image. ${this.near.textContent}`);
    if (isBehind) return true; // the newest image is still being decoded
    if (this.speaking) this.said.textContent = `${this.near.textContent}. ${words}.`;
    this.speaking = false;
    return true;
  }

  /* The gauge, and what it says in one. */
  measure(ratio) {
    const words = ratio <= AMONG ? "Among data" : ratio <= NEARBY ? "Near data" : "Far from data";
    const [word, bar, number] = this.gauge.children;
    word.textContent = words;
    number.textContent = `${ratio < 100 ? ratio.toFixed(1) : digits(ratio)} \u00d7 the usual spacing`;
    this.gauge.classList.toggle("far", ratio > NEARBY);
    bar.style.setProperty("--at", onGauge(ratio));
    return `${words}, ${number.textContent}`;
  }

  /* The test image beside its point while the pointer is there; index -1: none. */
  point({ run, map, pad }, index) {
    this.magnifier.hidden = index < 0;
    if (index < 0 || index === this.pointed) return void (this.pointed = index);
    this.pointed = index;
    const [image, words] = this.magnifier.children;
    this.paintTest(image, index);
    image.style.width = `${zoomFor(this.images.shape, MAGNIFIED) * this.images.shape[2]}px`;
    words.textContent = this.named(index, run);
    const [x, y] = pad.onScreen([map.points[2 * index], map.points[2 * index + 1]]);
    const beside = (turned) => (turned ? "calc(-100% - 14px)" : "14px"); // within the map
    this.magnifier.style.translate = `${beside(x > pad.side - 160)} ${beside(y > pad.side - 90)}`;
    [this.magnifier.style.left, this.magnifier.style.top] = [`${x}px`, `${y}px`];
  }

  paintTest(canvas, index) {
    paint(canvas, this.images.pixels, this.images.shape, index * this.pixels.length);
  }

  named(index, run) {
    return imageName(index, run.classes, this.images.labels[index]);
  }
}

/* Where so many usual spacings are on the gauge, 0 to 1. */
const onGauge = (ratio) => clamp(Math.log1p(ratio) / Math.log1p(FARTHEST), 0, 1);

/* Sizes in CSS pixels at which everything fits a width: of the map, the images, a slider's
   frame. */
export function layoutFor(width, parts, shape) {
  const small = parts === "pad";
  const name = width >= WIDE ? "wide" : width >= NARROW ? "narrow" : "single";
  const beside = { wide: 0.5 * width, narrow: 224 + GUTTER, single: 0 }[name];
  const most = small ? 440 : clamp(innerHeight - 290, 420, 600);
  const side = Math.floor(Math.min(most, width - beside));
  const column = name === "wide" ? width - side - GUTTER : width; // of sliders
  // on a phone, map and decoded image are in view together
  const room = { wide: column - 180, narrow: width - side - GUTTER, single: 0.56 * width }[name];
  const rooms = [Math.min(small ? 280 : 336, room), name === "wide" ? 168 : 112];
  const [picture, nearest] = rooms.map((size) => zoomFor(shape, size));
  const frame = zoomFor(shape, clamp(column / FRAMES - 6, 8, column > WIDE ? 84 : 56));
  const widths = {
    picture: picture * shape[2],
    nearest: nearest * shape[2],
    frame: frame * shape[2],
  };
  return { name, side, column: Math.floor(column), ...widths, tall: frame * shape[1] };
}

/* A latent the visitor has not met: a test image's, moved by normal noise about as long as test
   latents are usually apart. The n-th is the same every time. */
export function randomLatent(run, n) {
  const next = uniform(n);
  const from = Math.floor(next() * run.count) * run.latentDim;
  // Box and Muller 1958
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const reach = run.spacing / Math.sqrt(run.latentDim);
  return run.latents.slice(from, from + run.latentDim).map((value) => value + reach * normal());
}
