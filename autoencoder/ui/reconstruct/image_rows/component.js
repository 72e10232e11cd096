/* Test images in whole rows, each above what came back of it, all at one whole multiple of their
 * size; one can be picked.
 *
 * Contract: data -> trigger.
 *   data    {sheet: address of a PNG, an image wide per image and an image high per row; shape: [C,
 *           H, W],
 *            rows: [{name, about, here, all, best}] from the top, `here` and `all` texts for the
 *            row's end or "", images: [{index, name}], chosen: index, placed: a counter}
 *   picked  {index}, when the visitor has picked an image
 * What Python chose is taken on the first call and when `placed` has changed; otherwise the
 * visitor's own stays.
 */
import { clamp } from "../../../export/browser/numbers.js";
import { fill } from "../../../export/browser/elements.js";
import { mounted } from "../../components/mounting.js";
import { arranged } from "./layout.js";

const NAMES = 100,
  ENDS = 76,
  BESIDE = 8; // CSS pixels of what stands beside the images, and between
const NARROW = 640; // without it below this
export default mounted(".image-rows", (root) => new ImageRows(root));

class ImageRows {
  constructor(root) {
    this.root = root;
    this.bands = root.querySelector(".bands");
    [this.earlier, this.words, this.later] = root.querySelector(".pager").children;
    this.at = 0; // place of the image that has the keys' attention
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.bands.addEventListener("click", (event) => this.click(event.target.closest("button")), {
      signal,
    });
    this.bands.addEventListener("keydown", (event) => this.key(event), { signal });
    this.earlier.addEventListener("click", () => this.pick(this.place < 0 ? 0 : this.place - 1), {
      signal,
    });
    this.later.addEventListener("click", () => this.pick(this.place + 1), { signal });
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  stop() {
    this.listeners?.abort();
    this.observer?.disconnect();
    this.listeners = null;
  }

  update(data, trigger) {
    if (this.placed !== data.placed) this.chosen = data.chosen;
    if (this.data?.sheet !== data.sheet)
      this.root.style.setProperty("--sheet", `url(${data.sheet})`);
    Object.assign(this, { data, trigger, placed: data.placed, drawn: "" });
    this.at = Math.max(0, this.place);
    this.listen();
    this.arrange();
  }

  /* Of the chosen image among those shown, -1 if it is none of them. */
  get place() {
    return this.data.images.findIndex(({ index }) => index === this.chosen);
  }
  get tiles() {
    return [...this.bands.querySelectorAll(".images button")];
  }

  arrange() {
    const { images, rows, shape } = this.data;
    const width = this.root.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const { columns, zoom } = arranged(
      width - (narrow ? 0 : NAMES + ENDS + 2 * BESIDE),
      images.length,
      rows.length,
      shape,
    );
    this.root.toggleAttribute("data-narrow", narrow);
    const drawn = [columns, zoom].join();
    if (drawn === this.drawn) return;
    Object.assign(this, { drawn, columns });
    const sizes = { high: zoom * shape[1], wide: zoom * shape[2], across: images.length, columns };
    for (const [name, value] of Object.entries(sizes))
      this.root.style.setProperty(`--${name}`, value);
    this.root.style.setProperty("--names", `${NAMES}px`);
    this.root.style.setProperty("--ends", `${ENDS}px`);
    this.write();
  }

  write() {
    const { images, rows } = this.data;
    const bands = Array.from(
      { length: Math.ceil(images.length / this.columns) },
      (_, band) => band * this.columns,
    );
    fill(this.bands, bands, "div", (band, first) => {
      if (!band.firstChild) band.innerHTML = BAND;
      band.className = "band";
      const [names, tiles, ends] = band.children;
      fill(names, rows, "div", (cell, { name, about }) => words(cell, name, about));
      fill(tiles, images.slice(first, first + this.columns), "button", (tile, image, i) =>
        this.writeTile(tile, image, first + i),
      );
      fill(ends, first ? [] : rows, "div", (cell, { here, all, best }) => {
        words(cell, here, all);
        cell.classList.toggle("best", best);
      });
    });
    this.mark();
  }

  writeTile(tile, { index, name }, place) {
    tile.type = "button";
    tile.dataset.place = place;
    tile.title = named(index, name);
    tile.setAttribute("aria-label", `Test image ${tile.title}`);
    fill(tile, this.data.rows, "i", (cell, _, row) => {
      cell.style.setProperty("--x", place);
      cell.style.setProperty("--y", row);
    });
  }

  mark() {
    const { images } = this.data;
    const place = this.place;
    this.tiles.forEach((tile, i) => {
      tile.setAttribute("aria-pressed", i === place);
      tile.tabIndex = i === this.at ? 0 : -1;
    });
    const chosen = images[place];
    this.words.textContent = chosen
      ? named(chosen.index, chosen.name)
      : `no. ${this.chosen}, not in these rows`;
    this.earlier.disabled = place === 0;
    this.later.disabled = place === images.length - 1;
  }

  click(tile) {
    if (tile) this.pick(Number(tile.dataset.place));
  }

  pick(place) {
    this.at = place;
    this.chosen = this.data.images[place].index;
    this.mark();
    this.trigger("picked", { index: this.chosen });
  }

  key(event) {
    const last = this.data.images.length - 1;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    const to = { Home: 0, End: last }[event.key] ?? this.at + (by[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    this.at = clamp(to, 0, last);
    this.mark();
    this.tiles[this.at].focus();
  }
}

/* What an image is called; its class has no name where there are not two classes. */
const named = (index, name) => (name ? `no. ${index}, class ${name}` : `no. ${index}`);

const BAND = `<div class="names"></div><div class="images"></div><div class="ends"></div>`;

/* Two short texts, the second quiet. */
function words(cell, first, second) {
  if (!cell.firstChild) cell.append(document.createElement("b"), document.createElement("span"));
  [cell.children[0].textContent, cell.children[1].textContent] = [first, second];
  cell.title = [first, second].filter(Boolean).join(", ");
}
