/* The live view of a training: loss curves, latent map and reconstructions of one epoch, moving
 * together.
 *
 * Contract: data -> nothing. Neither state nor triggers go back to Python.
 *   data  Uint8Array: length of the header (uint32, little endian), the header (JSON), then the
 *         arrays without padding
 *     header           {run, axis, epochs, live, reveal: whether to scroll to the view when the run
 *                       is first drawn, log, classes: [name], count, images, shape: [C, H, W], curves: [{name, kind: "train" | "test" | "other",
 *                       epochs: [n], values: [n or null], texts: [value]}], range: [low, high] and
 *                       ticks: [[place, text]] of the losses, as logarithms if log,
 *                       epochTicks: [n], frames: [{epoch, view: [x, y, half side]}]}
 *     points           float32, frames x count x 2
 *     reconstructions  uint8, frames x images x C x H x W
 *     labels           uint16, count
 *     originals        uint8, images x C x H x W
 * Frames stay in the page, by run, so that a call brings only new ones; one that comes again
 * replaces the older.
 */
import { clamp, mixed } from "../numbers.js";
import { themeOf } from "../theme.js";
import { fill, toggleChip, writeChips } from "../elements.js";
import { FrameLoop } from "../frame_loop.js";
import { Scrubber } from "../scrubber.js";
import { framesOf, layoutFor, testAt, unpacked } from "./data.js";
import { drawImages, drawLosses, drawMap } from "./draw.js";

const TRAVEL = 400; // milliseconds from one epoch to the next
const PLAY = 6000; // milliseconds from the first epoch to the last
const PAGE_BAR = 60; // CSS pixels of the page's own bar, as in component.css

export class TrainingView {
  constructor(root) {
    this.root = root;
    const parts = ["axis", "legend", "count", "empty", "chips", "live"];
    for (const part of parts) this[part] = root.querySelector(`.${part}`);
    for (const pane of ["loss", "map", "images"])
      this[pane] = root.querySelector(`.${pane} canvas`);
    this.scrubber = new Scrubber(root.querySelector(".scrubber"), "Epoch", {
      toggle: () => this.togglePlay(),
      goTo: (epoch) => this.hold(epoch),
      step: (by) => this.step(by),
    });
    this.loop = new FrameLoop((elapsed, now) => this.tick(elapsed, now));
    this.sheet = document.createElement("canvas");
    this.hidden = new Set(); // classes
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (target, name, does) => target.addEventListener(name, does, { signal });
    this.scrubber.listen(signal);
    on(this.live, "click", () => this.follow());
    on(this.chips, "click", (event) => this.toggleClass(event.target.closest("button")));
    on(document.fonts, "loadingdone", () => this.redraw());
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  /* Until the next call. */
  stop() {
    this.loop.stop();
    this.listeners?.abort();
    this.observer?.disconnect();
    this.listeners = null;
  }

  /* A call from Python. What the visitor looks at stays, unless the run is another or the newest
     epoch is followed. */
  update(data) {
    const message = unpacked(data);
    const before = this.message?.run === message.run ? this.message : null;
    const first = !before || !this.frames.length;
    this.frames = framesOf(message);
    this.message = message;
    this.theme = themeOf(this.root);
    if (!before) this.begin();
    if (first) this.position = this.newest;
    else if (this.mode === "follow" || (message.live && !before.live)) this.follow();
    // the last step is still travelled
    if (!message.live && this.mode === "follow") this.mode = "held";
    this.listen();
    this.write();
    this.arrange();
    if (!before && message.reveal) requestAnimationFrame(() => this.reveal());
  }

  /* Scrolls until the whole view is in the window, or its top where it is higher than that. */
  reveal() {
    const { top, bottom, height } = this.root.getBoundingClientRect();
    if (top >= PAGE_BAR && bottom <= innerHeight) return;
    const fits = height <= innerHeight - PAGE_BAR;
    this.root.scrollIntoView({ block: fits ? "end" : "start" });
  }

  begin() {
    this.mode = this.message.live ? "follow" : "held"; // or "play"
    this.travel = this.range = null;
    this.hidden.clear();
  }

  get oldest() {
    return this.frames[0]?.epoch ?? 1;
  }
  get newest() {
    return this.frames.at(-1)?.epoch ?? 1;
  }

  /* The place on the epochs that is drawn: between two of them only while something moves. */
  get shown() {
    return this.still.matches ? this.nearest().epoch : this.position;
  }

  nearest(epoch = this.position) {
    const closer = (best, frame) =>
      Math.abs(frame.epoch - epoch) < Math.abs(best.epoch - epoch) ? frame : best;
    return this.frames.length ? this.frames.reduce(closer) : { epoch: 0 };
  }

  goTo(epoch) {
    const goal = this.travel?.to ?? this.position;
    if (epoch !== goal) this.travel = { from: this.position, to: epoch, since: performance.now() };
    this.redraw();
  }

  follow() {
    this.mode = "follow";
    this.goTo(this.newest);
  }

  hold(epoch) {
    this.mode = "held";
    this.travel = null;
    this.position = this.nearest(epoch).epoch;
    this.redraw();
  }

  togglePlay() {
    const playing = this.mode === "play";
    this.mode = playing ? "held" : "play";
    if (playing) return this.goTo(this.nearest().epoch);
    this.travel = null;
    if (this.position >= this.newest) this.position = this.oldest;
    this.redraw();
  }

  step(by) {
    const place = this.frames.indexOf(this.nearest()) + by;
    this.hold(this.frames[clamp(place, 0, this.frames.length - 1)].epoch);
  }

  toggleClass(chip) {
    if (toggleChip(chip, this.hidden)) this.redraw();
  }

  /* All that does not change with the epoch, but for pictures. */
  write() {
    const { axis, count, curves, classes, live, epochs } = this.message;
    this.axis.textContent = axis;
    this.count.textContent = `${count.toLocaleString("en")} test images`;
    fill(
      this.legend,
      curves.filter((curve) => curve.kind !== "other"),
      "span",
      (entry, curve) => {
        entry.className = curve.kind;
        entry.textContent = curve.name;
      },
    );
    writeChips(this.chips, classes, this.theme.classes, this.hidden);
    this.empty.hidden = this.frames.length > 0;
    this.empty.textContent = live ? "Appears after the first epoch" : "No epoch was kept";
    this.live.hidden = !live;
    const last = Math.max(live ? epochs : this.newest, this.oldest + 1);
    this.scrubber.span(this.oldest, last, this.frames.length);
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width) return;
    this.layout = layoutFor(width, innerHeight, this.message);
    this.root.dataset.layout = this.layout.name;
    for (const pane of ["loss", "map", "images"])
      this.root.style.setProperty(`--${pane}`, `${this.layout[pane]}px`);
    this.redraw();
  }

  redraw() {
    this.stale = true;
    this.loop.ask();
  }

  /* True while something moves. */
  tick(elapsed, now) {
    if (!this.layout) return false;
    this.advance(now, elapsed);
    const settled = this.easeRange(elapsed);
    this.draw();
    return this.mode === "play" || Boolean(this.travel) || !settled;
  }

  advance(now, elapsed) {
    if (this.mode === "play") {
      const duration = Math.min(PLAY, 2 * TRAVEL * (this.frames.length - 1));
      this.position += ((this.newest - this.oldest) * elapsed) / duration;
      if (this.position < this.newest) return;
      this.position = this.newest;
      this.mode = this.message.live ? "follow" : "held";
    } else if (this.travel) {
      const { from, to, since } = this.travel;
      const share = this.still.matches ? 1 : clamp((now - since) / TRAVEL, 0, 1);
      this.position = share < 1 ? mixed(from, to, 1 - (1 - share) ** 3) : to;
      if (share === 1) this.travel = null;
    }
  }

  /* Eases the axis of the losses to what the curves need; true once it is there. */
  easeRange(elapsed) {
    const { range: goal, log } = this.message;
    const now = this.range ?? goal;
    const off = Math.abs(now[0] - goal[0]) + Math.abs(now[1] - goal[1]);
    const empty = now[0] === now[1] || goal[0] === goal[1];
    const there =
      empty || this.log !== log || this.still.matches || off < 0.002 * (goal[1] - goal[0]);
    this.log = log;
    this.range = there
      ? goal
      : now.map((value, i) => mixed(value, goal[i], 1 - Math.exp(-elapsed / 100)));
    return there;
  }

  draw() {
    const frame = this.nearest();
    drawLosses(this);
    drawMap(this);
    if (this.stale || frame !== this.drawn) {
      drawImages(this, frame);
      this.describe(frame);
    }
    this.drawn = frame;
    this.stale = false;
    this.scrubber.show(this.shown, this.newest, this.mode === "play");
    this.live.setAttribute("aria-pressed", this.mode === "follow");
  }

  describe({ epoch }) {
    const { epochs, count, images } = this.message;
    const test = testAt(this.message, epoch);
    const words = `epoch ${epoch} of ${epochs}` + (test ? ` · test ${test.text}` : "");
    this.scrubber.say(words);
    this.loss.setAttribute("aria-label", `Loss curves, ${words}`);
    this.map.setAttribute(
      "aria-label",
      `Latent map of ${count} test images, coloured by class, ${words}`,
    );
    this.images.setAttribute(
      "aria-label",
      `${images} test images, each above its reconstruction, ${words}`,
    );
  }
}
