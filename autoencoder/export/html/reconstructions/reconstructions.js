/* Test images above their reconstructions, in whole rows, page by page: in file order, or by their
 * errors.
 *
 * update({run, images: assets, errors: [MSE of each image] or null, pick(index): called when one is
 * clicked}).
 */
import { paint, zoomFor } from "../../browser/canvas.js";
import { fill, imageName, writeChips } from "../../browser/elements.js";
import { clamp, digits } from "../../browser/numbers.js";
import { themeOf } from "../../browser/theme.js";

const TILE = 84; // CSS pixels, about, of an image
const NARROW = 500; // CSS pixels of room, below which gaps are small
const GAPS = [6, 12]; // CSS pixels between two images, at least: there, and elsewhere
const ROWS = 3;
const FEWEST = 16; // images on a page, in as many rows as that takes

export class Reconstructions {
  constructor(root) {
    this.root = root;
    for (const part of ["orders", "chips", "pairs", "pager", "caption"])
      this[part] = root.querySelector(`.${part}`);
    this.order = "first";
    this.only = null; // the class that is shown alone
    this.first = 0; // rank of the first image on the page
    this.at = 0; // place on the page of the image that has the keys' attention
    this.columns = this.size = 1; // size: images on a page
    const on = (target, does) =>
      target.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) does(button);
      });
    on(this.orders, (button) => this.choose({ order: button.dataset.order }));
    on(this.chips, (button) => this.filter(Number(button.dataset.index)));
    on(this.pairs, (button) => this.data.pick(Number(button.dataset.index)));
    on(this.pager, (button) => this.turn(button.className === "later" ? 1 : -1));
    this.pairs.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.arrange()).observe(root);
  }

  update(data) {
    const other = this.data?.run !== data.run;
    Object.assign(this, { data, theme: themeOf(this.root) });
    this.orders.hidden = !data.errors;
    this.caption.textContent = captionOf(data);
    if (other) this.list();
    this.write();
  }

  /* ---- What the visitor does ---- */

  choose(what) {
    Object.assign(this, what);
    this.list();
    this.write();
  }

  /* Only this class, or all again. */
  filter(label) {
    this.choose({ only: this.only === label ? null : label });
  }

  turn(by) {
    this.first += by * this.size;
    this.at = 0;
    this.writePairs();
  }

  key(event) {
    const last = this.pairs.children.length - 1;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const to = { Home: 0, End: last }[event.key] ?? this.at + (by[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    this.at = clamp(to, 0, last);
    this.mark();
    this.pairs.children[this.at].focus();
  }

  /* ---- What is shown ---- */

  list() {
    const { images, errors } = this.data;
    const all = Array.from(images.labels.keys());
    this.ranks = all.filter((index) => this.only === null || images.labels[index] === this.only);
    const sign = { first: 0, largest: -1, smallest: 1 }[this.order];
    if (sign) this.ranks.sort((a, b) => sign * (errors[a] - errors[b]));
    this.first = this.at = 0;
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width || !this.data) return;
    const { shape } = this.data.images;
    const zoom = zoomFor(shape, TILE);
    const [wide, high] = [zoom * shape[2], zoom * shape[1]];
    const least = GAPS[width < NARROW ? 0 : 1];
    const columns = Math.max(1, Math.floor((width + least) / (wide + least)));
    const gap = columns > 1 ? Math.min(2 * GAPS[1], (width - columns * wide) / (columns - 1)) : 0;
    for (const [name, size] of Object.entries({ wide, high, gap }))
      this.root.style.setProperty(`--${name}`, `${size}px`);
    this.root.style.setProperty("--columns", columns);
    const size = columns * Math.max(ROWS, Math.ceil(FEWEST / columns));
    if (size === this.size) return;
    Object.assign(this, { columns, size, first: this.first - (this.first % size), at: 0 });
    this.writePairs();
  }

  write() {
    const { run } = this.data;
    const all = [...run.classes.keys()];
    const hidden = new Set(this.only === null ? [] : all.filter((label) => label !== this.only));
    writeChips(this.chips, run.classes, this.theme.classes, hidden);
    for (const button of this.orders.children)
      button.setAttribute("aria-pressed", button.dataset.order === this.order);
    this.arrange();
    this.writePairs();
  }

  writePairs() {
    const { first, size, ranks } = this;
    this.asked = {}; // what is decoded for an earlier page is not shown
    fill(this.pairs, ranks.slice(first, first + size), "button", (pair, index) =>
      this.writePair(pair, index, this.asked),
    );
    const [earlier, words, later] = this.pager.children;
    const numbers = [first + 1, Math.min(first + size, ranks.length), ranks.length];
    const [from, to, all] = numbers.map((count) => count.toLocaleString("en"));
    words.textContent = ranks.length ? `${from} to ${to} of ${all} test images` : "No test image";
    earlier.disabled = first === 0;
    later.disabled = first + size >= ranks.length;
    this.mark();
  }

  writePair(pair, index, asked) {
    const { run, images, errors } = this.data;
    if (!pair.firstChild)
      pair.innerHTML =
        '<canvas class="image"></canvas><canvas class="image"></canvas><span></span>';
    const [original, reconstruction, words] = pair.children;
    const name = imageName(index, run.classes, images.labels[index]);
    const error = errors ? digits(errors[index]) : "";
    pair.type = "button";
    pair.dataset.index = index;
    pair.title = name;
    pair.setAttribute(
      "aria-label",
      `Test image ${name}${error && `, MSE ${error}`}: see it on the map`,
    );
    words.textContent = error || `no. ${index}`;
    paint(original, images.pixels, images.shape, (index * images.pixels.length) / images.count);
    const { latents, latentDim } = run;
    const latent = latents.subarray(index * latentDim, (index + 1) * latentDim);
    run.decoder.ask(pair, latent, (pixels) => {
      if (asked === this.asked) paint(reconstruction, pixels, images.shape);
    });
  }

  mark() {
    [...this.pairs.children].forEach((pair, i) => (pair.tabIndex = i === this.at ? 0 : -1));
  }
}

/* What the numbers are. */
function captionOf({ errors, images }) {
  if (!errors) return "The errors are measured when the training has finished.";
  const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length;
  const count = images.count.toLocaleString("en");
  return `The number under a pair is its MSE: the mean squared error per pixel, lower is better. The mean of the ${count} test images in this file is ${digits(mean)}.`;
}
