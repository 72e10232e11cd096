/* Test images above their reconstructions, in whole rows, page by page: in file order, or by their
 * errors.
 *
 * update({run, images: assets, errors: [MSE of each image] or null, pick(index): called when one is
 * clicked}).
 */
import { paint, zoomFor } from "../../browser/canvas.js";
import { fill, imageName, writeChips } from "../../browser/elements.js";
import { digits } from "../../browser/numbers.js";
import { themeOf } from "../../browser/theme.js";

const TILE = 84; // CSS pixels, about, of an image
const GAP = 12; // CSS pixels between two, at least
const ROWS = 3;
const FEWEST = 12; // images on a page, in as many rows as that takes

export class Reconstructions {
  constructor(root) {
    this.root = root;
    for (const part of ["orders", "chips", "pairs", "pager", "caption"])
      this[part] = root.querySelector(`.${part}`);
    this.order = "first";
    this.only = null; // the class that is shown alone
    this.first = 0; // rank of the first image on the page
    this.size = 0; // images on a page
    const on = (target, does) =>
      target.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) does(button);
      });
    on(this.orders, (button) => this.sort(button.dataset.order));
    on(this.chips, (button) => this.filter(Number(button.dataset.index)));
    on(this.pairs, (button) => this.data.pick(Number(button.dataset.index)));
    on(this.pager, (button) => this.turn(button.className === "later" ? 1 : -1));
    new ResizeObserver(() => this.arrange()).observe(root);
  }

  update(data) {
    const same = this.data?.run === data.run;
    Object.assign(this, { data, theme: themeOf(this.root) });
    this.orders.hidden = !data.errors;
    if (!same) this.list();
    this.write();
  }

  /* ---- What the visitor does ---- */

  sort(order) {
    this.order = order;
    this.list();
    this.write();
  }

  /* Only this class, or all again. */
  filter(label) {
    this.only = this.only === label ? null : label;
    this.list();
    this.write();
  }

  turn(by) {
    this.first += by * this.size;
    this.write();
  }

  /* ---- What is shown ---- */

  list() {
    const { images, errors } = this.data;
    const all = Array.from(images.labels.keys());
    this.ranks = all.filter((index) => this.only === null || images.labels[index] === this.only);
    const sign = { first: 0, largest: -1, smallest: 1 }[this.order];
    if (sign) this.ranks.sort((a, b) => sign * (errors[a] - errors[b]));
    this.first = 0;
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width || !this.data) return;
    const { shape } = this.data.images;
    const zoom = zoomFor(shape, TILE);
    const [wide, high] = [zoom * shape[2], zoom * shape[1]];
    const columns = Math.max(1, Math.floor((width + GAP) / (wide + GAP)));
    const gap = columns > 1 ? (width - columns * wide) / (columns - 1) : 0;
    const sizes = { wide, high, gap: Math.max(GAP, Math.min(gap, 2 * GAP)) };
    for (const [name, size] of Object.entries(sizes))
      this.root.style.setProperty(`--${name}`, `${size}px`);
    this.root.style.setProperty("--columns", columns);
    const size = columns * Math.max(ROWS, Math.ceil(FEWEST / columns));
    if (size !== this.size) {
      this.first -= this.first % size;
      this.size = size;
      this.writePairs();
    }
  }

  write() {
    const { run, images, errors } = this.data;
    const hidden = new Set(
      this.only === null ? [] : [...run.classes.keys()].filter((label) => label !== this.only),
    );
    writeChips(this.chips, run.classes, this.theme.classes, hidden);
    for (const button of this.orders.children)
      button.setAttribute("aria-pressed", button.dataset.order === this.order);
    const mean = errors && errors.reduce((sum, value) => sum + value, 0) / errors.length;
    this.caption.textContent = errors
      ? `The number under a pair is its MSE: the mean squared error per pixel, lower is better. Mean of the ${images.count.toLocaleString("en")} test images in this file: ${digits(mean)}.`
      : "The errors are measured when the training has finished.";
    this.arrange();
    this.writePairs();
  }

  writePairs() {
    const { run, images } = this.data;
    const { first, size, ranks } = this;
    this.asked = {}; // what is decoded for an earlier page is not shown
    fill(this.pairs, ranks.slice(first, first + size), "button", (pair, index) =>
      this.writePair(pair, index, this.asked),
    );
    const [earlier, words, later] = this.pager.children;
    const [from, to, all] = [first + 1, Math.min(first + size, ranks.length), ranks.length].map(
      (count) => count.toLocaleString("en"),
    );
    words.textContent = ranks.length ? `${from} to ${to} of ${all} test images` : "no test image";
    earlier.disabled = first === 0;
    later.disabled = first + size >= ranks.length;
    if (run.decoder.note) this.caption.textContent ||= run.decoder.note;
    this.shown = images;
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
    words.textContent = error || name;
    const size = images.pixels.length / images.count;
    paint(original, images.pixels, images.shape, index * size);
    const { latents, latentDim } = run;
    const latent = latents.subarray(index * latentDim, (index + 1) * latentDim);
    run.decoder.ask(pair, latent, (pixels) => {
      if (asked === this.asked) paint(reconstruction, pixels, images.shape);
    });
  }
}
