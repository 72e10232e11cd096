/* One slider per dimension, most important first, each above a row of frames: what its values
   decode to. */
import { cleared, paint } from "../canvas.js";
import { clamp, digits, mixed } from "../numbers.js";

export const FRAMES = 9; // in the row under a slider
const FIRST = 12,
  MORE = 24; // sliders at first, and per press of the button
// of a slider's range, per press of an arrow; ten times that with shift or by page
const KEY_SHARE = 0.01;
const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const KEYS = { ...ARROWS, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

export class Sliders {
  constructor(live) {
    this.live = live;
    this.box = live.root.querySelector(".sliders");
    this.button = live.root.querySelector(".more");
    this.template = live.root.querySelector("template");
    this.tile = document.createElement("canvas");
    this.size = { frame: 0, tall: 0, column: 0 };
    this.rows = [];
    this.turn = 0; // whose frames are next
  }

  listen(signal) {
    const on = (name, does) => this.box.addEventListener(name, does, { signal });
    on("input", (event) =>
      this.live.slide(this.rowOf(event).dimension, Number(event.target.value)),
    );
    on("change", () => this.live.release());
    on("keydown", (event) => this.key(event));
    on("keyup", () => this.settle());
    on("focusout", () => this.settle());
    on("click", (event) => this.jump(event));
    this.observer = new IntersectionObserver((entries) => this.seen(entries), {
      rootMargin: "120px",
    });
    for (const row of this.rows) this.observer.observe(row.element);
    signal.addEventListener("abort", () => this.observer.disconnect());
  }

  /* Sliders of another run. */
  begin(run) {
    this.run = run;
    const [alive, dead] = [false, true].map((flag) =>
      run.order.filter((dimension) => run.dead[dimension] === flag),
    );
    this.order = [...alive, ...dead];
    for (const { element } of this.rows) this.observer.unobserve(element);
    this.box.replaceChildren();
    this.rows = [];
    if (this.live.data.parts === "all")
      this.add(run.latentDim <= 2 ? 2 : clamp(alive.length, 1, FIRST));
  }

  more() {
    const [first] = this.add(MORE);
    first.input.focus();
  }

  add(count) {
    const fresh = this.order
      .slice(this.rows.length, this.rows.length + count)
      .map((dimension) => this.row(dimension));
    this.rows.push(...fresh);
    this.box.append(...fresh.map(({ element }) => element));
    for (const { element } of fresh) this.observer.observe(element);
    const left = this.order.slice(this.rows.length);
    const dead = left.filter((dimension) => this.run.dead[dimension]).length;
    this.button.hidden = !left.length;
    this.button.textContent = `Show ${Math.min(MORE, left.length)} more`;
    this.button.title = `${left.length} more dimensions${dead ? `; ${dead} of them are dead` : ""}`;
    return fresh;
  }

  row(dimension) {
    const { low, high, importance, dead, variational, density, bins } = this.run;
    const element = this.template.content.firstElementChild.cloneNode(true);
    const find = (place) => element.querySelector(place);
    find("b").textContent = `z${dimension}`;
    const worth = digits(importance[dimension]);
    find(".worth").textContent = variational ? `KL ${worth} nats` : `variance ${worth}`;
    find(".worth").title = variational
      ? "The information in this latent value: its KL divergence from the prior, mean over the test images"
      : "The variance of this latent value over the test images";
    find(".flag").hidden = !dead[dimension];
    find(".track i").style.clipPath = hill(
      density.subarray(dimension * bins, (dimension + 1) * bins),
    );
    const input = find("input");
    Object.assign(input, { min: low[dimension], max: high[dimension] });
    input.setAttribute("aria-label", `z${dimension}`);
    element.dataset.dimension = dimension;
    const row = {
      element,
      dimension,
      input,
      output: find("output"),
      canvas: find(".frames"),
      visible: false,
      next: 0,
    };
    this.unroll(row);
    return row;
  }

  /* New sizes, in CSS pixels: of a frame, and across all of them. */
  arrange({ frame, tall, column }) {
    if (this.size.frame === frame && this.size.column === column) return;
    this.size = { frame, tall, column };
    for (const row of this.rows) this.unroll(row);
  }

  unroll(row) {
    row.strip = cleared(row.canvas, this.size.column, this.size.tall);
    Object.assign(row.strip, { imageSmoothingEnabled: false, strokeStyle: "#80808040" });
    row.due = FRAMES;
  }

  /* Where frame k starts, so that its middle is under the thumb that stands at its value. */
  leftOf(k) {
    return Math.round((k / (FRAMES - 1)) * (this.size.column - this.size.frame));
  }

  rowOf(event) {
    const element = event.target.closest(".slider");
    return this.rows.find((row) => row.element === element);
  }

  /* What frame k is decoded from. */
  valueAt(dimension, k) {
    return mixed(this.run.low[dimension], this.run.high[dimension], k / (FRAMES - 1));
  }

  /* ---- Gestures ---- */

  key(event) {
    const step = KEYS[event.key];
    if (!step || event.target.tagName !== "INPUT" || event.ctrlKey || event.altKey || event.metaKey)
      return;
    event.preventDefault();
    const { dimension } = this.rowOf(event);
    const [low, high] = [this.run.low[dimension], this.run.high[dimension]];
    const by = (event.shiftKey ? 10 : 1) * step * KEY_SHARE * (high - low);
    this.keyed = true;
    this.live.slide(
      dimension,
      clamp(clamp(this.live.latent[dimension], low, high) + by, low, high),
    );
  }

  settle() {
    if (this.keyed) this.live.release();
    this.keyed = false;
  }

  jump(event) {
    if (!event.target.matches(".frames")) return;
    const row = this.rowOf(event);
    const k = Math.round(
      ((event.offsetX - this.size.frame / 2) / (this.size.column - this.size.frame)) * (FRAMES - 1),
    );
    if (Math.abs(event.offsetX - this.leftOf(k) - this.size.frame / 2) > this.size.frame / 2)
      return; // between two images
    this.live.slide(row.dimension, this.valueAt(row.dimension, k));
    this.live.release();
  }

  /* ---- Drawing ---- */

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.rows.find(({ element }) => element === target);
      if (row) row.visible = isIntersecting;
    }
    this.write();
    this.live.ask();
  }

  /* The sliders no longer show what they should: neither values nor frames. Of the only dimension
     that has changed, if it is one, the value is written at once, and the frames are right. */
  changed(only) {
    this.unwritten = true;
    for (const row of this.rows)
      if (row.dimension === only) this.writeRow(row);
      else row.due = FRAMES;
  }

  write() {
    this.unwritten = false;
    for (const row of this.rows) this.writeRow(row);
  }

  writeRow(row) {
    const value = this.live.latent[row.dimension];
    if (!row.visible || row.value === value) return;
    row.value = row.input.value = value;
    row.output.textContent = digits(value);
    row.input.setAttribute("aria-valuetext", row.output.textContent);
  }

  /* Writes all values, or decodes one frame that is in view; false if there is nothing to do now.
     The sliders take turns. */
  step() {
    if (this.unwritten) return (this.write(), true);
    if (!this.live.hasTimeToDecode) return false;
    for (let tried = 0; tried < this.rows.length; tried++) {
      const row = this.rows[this.turn++ % this.rows.length];
      if (!row.visible || !row.due) continue;
      this.develop(row, row.next++ % FRAMES);
      row.due--;
      return true;
    }
    return false;
  }

  develop(row, k) {
    const { run, live } = this;
    const latent = Float32Array.from(live.latent);
    latent[row.dimension] = this.valueAt(row.dimension, k);
    run.decoder.ask(this, latent, (pixels) => {
      if (run !== live.run) return;
      paint(this.tile, pixels, live.images.shape);
      const [left, { frame, tall }] = [this.leftOf(k), this.size];
      row.strip.drawImage(this.tile, left, 0, frame, tall);
      row.strip.strokeRect(left + 0.5, 0.5, frame - 1, tall - 1);
      live.ask();
    });
  }
}

/* A density as the outline of a hill, for CSS to cut out. */
function hill(density) {
  const top = (value, bin) =>
    `${((100 * (bin + 0.5)) / density.length).toFixed(2)}% ${(100 - value / 2.55).toFixed(1)}%`;
  const tops = Array.from(density, top);
  return `polygon(0 100%, ${tops.join(", ")}, 100% 100%)`;
}
