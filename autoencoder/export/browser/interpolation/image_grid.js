/* What the images are chosen from: a grid of test images, page by page, and the slots they go
   into. */
import { paint, zoomFor } from "../canvas.js";
import { clamp } from "../numbers.js";
import { fill, imageName, writeChips } from "../elements.js";

const THUMB = 56; // CSS pixels, an image in a slot

export class ImageGrid {
  constructor(root, pick) {
    const parts = ["slots", "add", "swap", "next", "grid", "pager", "picker"];
    for (const part of parts) this[part] = root.querySelector(`.${part}`);
    this.chips = this.picker.querySelector(".chips");
    this.choose = pick;
    this.hidden = new Set(); // classes
    this.columns = this.rows = 1;
    this.at = 0; // rank of the image that has the keys' attention, among those of the shown classes
  }

  begin(images, classes) {
    Object.assign(this, { images, classes, at: 0 });
    this.hidden.clear();
    this.list();
  }

  listen(signal) {
    const on = (target, name, does) => target.addEventListener(name, does, { signal });
    on(this.grid, "click", (event) => this.click(event.target.closest("button")));
    on(this.grid, "keydown", (event) => this.key(event));
    on(this.pager, "click", (event) => this.turn(event.target.closest("button")));
  }

  get size() {
    return this.columns * this.rows;
  }
  get first() {
    return this.at - (this.at % this.size);
  }

  list() {
    const all = Array.from(this.images.labels.keys());
    this.ranks = all.filter((index) => !this.hidden.has(this.images.labels[index]));
  }

  /* Only this class, or all again. */
  filter(index) {
    const alone = !this.hidden.has(index) && this.hidden.size === this.classes.length - 1;
    this.hidden.clear();
    if (!alone)
      for (const other of this.classes.keys()) if (other !== index) this.hidden.add(other);
    this.at = 0;
    this.list();
  }

  click(tile) {
    if (!tile) return;
    this.at = this.first + [...this.grid.children].indexOf(tile);
    this.choose(Number(tile.dataset.index));
  }

  key(event) {
    const { columns, size } = this;
    const arrows = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const by = { ...arrows, PageUp: -size, PageDown: size };
    const to =
      { Home: 0, End: this.ranks.length - 1 }[event.key] ?? this.at + (by[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    this.at = clamp(to, 0, this.ranks.length - 1);
    this.writeTiles();
    this.grid.children[this.at - this.first].focus();
  }

  turn(button) {
    if (!button) return;
    this.at = this.first + (button.className === "later" ? this.size : -this.size);
    this.writeTiles();
  }

  /* interpolation: its slots are written and marked; active: number of the slot that the next pick
     goes to. */
  write({ interpolation, active, theme }) {
    this.interpolation = interpolation;
    writeChips(this.chips, this.classes, theme.classes, this.hidden);
    this.chips.classList.toggle("filtered", this.hidden.size > 0);
    this.writeSlots(active);
    this.writeTiles();
  }

  arrange({ columns, rows }) {
    if (this.columns === columns && this.rows === rows) return;
    Object.assign(this, { columns, rows });
    this.picker.style.setProperty("--columns", columns);
    this.writeTiles();
  }

  writeSlots(active) {
    const { slots, letters } = this.interpolation;
    fill(this.slots, slots, "div", (slot, index, i) => {
      if (!slot.firstChild) slot.innerHTML = SLOT;
      const [take, drop] = slot.children;
      const words = this.named(index);
      take.dataset.slot = drop.dataset.slot = i;
      take.setAttribute("aria-pressed", i === active);
      take.setAttribute(
        "aria-label",
        `Image ${letters[i]}: ${words}${i === active ? ", the next pick goes here" : ""}`,
      );
      take.querySelector("b").textContent = letters[i];
      take.querySelector("span").textContent = words.replace(", ", "\n");
      this.paintTest(take.querySelector("canvas"), index, zoomFor(this.images.shape, THUMB));
      drop.hidden = slots.length === 2;
      drop.setAttribute("aria-label", `Leave out image ${letters[i]}`);
    });
    this.add.hidden = slots.length === this.mostSlots;
    this.swap.textContent = slots.length === 2 ? "Swap" : "Reverse";
    this.next.textContent = slots.length === 2 ? "Next pair" : "Next images";
  }

  writeTiles() {
    if (!this.interpolation) return;
    const { first, size, ranks } = this;
    fill(this.grid, ranks.slice(first, first + size), "button", (tile, index, i) => {
      if (!tile.firstChild)
        tile.append(document.createElement("canvas"), document.createElement("b"));
      const letters = [...this.interpolation.letters]
        .filter((_, slot) => this.interpolation.slots[slot] === index)
        .join("");
      const [canvas, badge] = tile.children;
      tile.type = "button";
      tile.dataset.index = index;
      tile.tabIndex = first + i === this.at ? 0 : -1;
      tile.title = this.named(index);
      tile.setAttribute(
        "aria-label",
        `Test image ${this.named(index)}${letters && `, image ${letters}`}`,
      );
      tile.classList.toggle("chosen", letters !== "");
      badge.textContent = letters;
      this.paintTest(canvas, index);
    });
    const [earlier, words, later] = this.pager.children;
    const last = Math.min(first + size, ranks.length);
    const [from, to, all] = [first + 1, last, ranks.length].map((count) =>
      count.toLocaleString("en"),
    );
    words.textContent = `${from} to ${to} of ${all} test images`;
    earlier.disabled = first === 0;
    later.disabled = last === ranks.length;
  }

  paintTest(canvas, index, zoom) {
    const { pixels, shape } = this.images;
    canvas.className = "image";
    paint(canvas, pixels, shape, (index * pixels.length) / this.images.count);
    if (zoom) canvas.style.width = `${zoom * shape[2]}px`;
  }

  named(index) {
    return imageName(index, this.classes, this.images.labels[index]);
  }
}

const SLOT = `<button class="take" type="button"><b></b><canvas></canvas><span></span></button>
  <button class="drop" type="button">×</button>`;
