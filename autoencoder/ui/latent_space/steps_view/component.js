/* The steps of a projection as a film: the map moves from step to step, with the loss beside it.
 *
 * Contract: data -> nothing. Neither state nor triggers go back to Python.
 *   data  Uint8Array: length of the header (uint32, little endian), the header (JSON), then the
 *         arrays without padding
 *     header  {name, epochs, live: whether more steps are to come, classes: [name], count,
 *             frames: [{epoch, loss, low: [x, y], side}]}
 *     points  uint16, frames x count x 2: shares of the square of `side` at `low`, in 65,535ths
 *     labels  uint16, count
 * Frames stay in the page, by name, with the place of the film, so that a call brings only new ones.
 * For whoever drives it: root.dataset.epoch is the epoch that is drawn.
 */
import { clamp, digits, mixed } from "../../../export/browser/numbers.js";
import { themeOf } from "../../../export/browser/theme.js";
import { toggleChip, writeChips } from "../../../export/browser/elements.js";
import { remembered } from "../../../export/browser/films.js";
import { FrameLoop } from "../../../export/browser/frame_loop.js";
import { mounted } from "../../components/mounting.js";
import { opened } from "../../../export/browser/packing.js";
import { Scrubber } from "../../../export/browser/scrubber.js";
import { drawLoss, drawMap } from "./draw.js";

const PLAY = 8000; // milliseconds from the first of FRAMES steps to the last
const FRAMES = 40;
const LEVELS = 65_535;
const GAP = 24; // CSS pixels between map and loss, as in component.css
const WIDE = 700; // CSS pixels, from which the loss has room beside the map
const AROUND_MAP = 410; // CSS pixels of a window's height that are not the map's
const [LEAST_SIDE, MOST_SIDE] = [300, 720]; // CSS pixels of the map
const LOSS_HEIGHT = 260;

export default mounted(".steps-view", (root) => new StepsView(root));

class StepsView {
  constructor(root) {
    this.root = root;
    [this.map, this.loss] = root.querySelectorAll("canvas");
    this.chips = root.querySelector(".chips");
    this.scrubber = new Scrubber(root.querySelector(".scrubber"), "Step", {
      toggle: () => this.togglePlay(),
      goTo: (position) => this.hold(position),
      step: (by) => this.hold(Math.round(this.film.position) + by),
    });
    this.loop = new FrameLoop((elapsed) => this.tick(elapsed));
    this.hidden = new Set(); // classes
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.scrubber.listen(signal);
    const toggle = (event) => this.toggleClass(event.target.closest("button"));
    this.chips.addEventListener("click", toggle, { signal });
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

  /* A call from Python. A film begins to play when its first step comes, and waits for more at the
     last one that is there; whoever asks for reduced motion gets the newest step. */
  update(data) {
    const message = unpacked(data);
    this.film = filmOf(message, !this.still.matches);
    if (this.still.matches && !this.film.held) this.film.position = this.newest;
    Object.assign(this, { message, theme: themeOf(this.root) });
    this.listen();
    const last = Math.max(this.newest, message.live ? FRAMES - 1 : 1);
    this.scrubber.span(0, last, this.film.frames.length);
    writeChips(this.chips, message.classes, this.theme.classes, this.hidden);
    this.arrange();
  }

  get newest() {
    return this.film.frames.length - 1;
  }

  hold(position) {
    Object.assign(this.film, { playing: false, held: true });
    this.film.position = clamp(
      this.still.matches ? Math.round(position) : position,
      0,
      this.newest,
    );
    this.redraw();
  }

  togglePlay() {
    const { film } = this;
    film.playing = !film.playing;
    if (film.playing && film.position >= this.newest && !this.message.live) film.position = 0;
    this.redraw();
  }

  toggleClass(chip) {
    if (toggleChip(chip, this.hidden)) this.redraw();
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width || !this.film) return;
    const wide = width >= WIDE;
    const room = wide ? 0.62 * (width - GAP) : width;
    const most = clamp(innerHeight - AROUND_MAP, LEAST_SIDE, MOST_SIDE);
    const side = Math.floor(Math.min(room, most));
    const lossWidth = Math.floor(wide ? Math.min(width - GAP - side, side) : side);
    this.layout = { side, loss: lossWidth, lossHeight: wide ? LOSS_HEIGHT : 200 };
    this.root.dataset.layout = wide ? "wide" : "narrow";
    this.root.style.setProperty("--map", `${side}px`);
    this.root.style.setProperty("--loss", `${lossWidth}px`);
    this.root.style.setProperty("--wide", `${wide ? side + GAP + lossWidth : side}px`);
    this.redraw();
  }

  redraw() {
    this.loop.ask();
  }

  /* True while it plays and there are steps to come. */
  tick(elapsed) {
    if (!this.layout) return false;
    const { film } = this;
    if (film.playing) {
      film.position = Math.min(this.newest, film.position + (elapsed / PLAY) * (FRAMES - 1));
      if (film.position >= this.newest && !this.message.live) film.playing = false;
    }
    this.draw();
    return film.playing && film.position < this.newest;
  }

  /* The steps about the place of the film, and how far it is between them. */
  between() {
    const { frames, position } = this.film;
    const place = this.still.matches ? Math.round(position) : position;
    const index = Math.min(Math.floor(place), frames.length - 1);
    const next = Math.min(index + 1, frames.length - 1);
    return { from: frames[index], to: frames[next], share: place - index };
  }

  draw() {
    const { film, message, scrubber } = this;
    const { from, to, share } = this.between();
    const epoch = Math.round(mixed(from.epoch, to.epoch, share));
    const words =
      `Epoch ${epoch} of ${message.epochs}` + ` · loss ${digits(mixed(from.loss, to.loss, share))}`;
    drawMap(this, { from, to, share });
    drawLoss(this, mixed(from.epoch, to.epoch, share), mixed(from.loss, to.loss, share));
    this.root.dataset.epoch = epoch;
    scrubber.say(words);
    scrubber.show(film.position, this.newest, film.playing);
    this.map.setAttribute(
      "aria-label",
      `Map of ${message.count} test images, coloured by class, ${words}`,
    );
    this.loss.setAttribute("aria-label", `Loss by epoch, ${words}`);
  }
}

function unpacked(bytes) {
  const { header, next } = opened(bytes);
  for (const frame of header.frames) {
    const levels = next(Uint16Array, 2 * header.count);
    frame.points = Float32Array.from(
      levels,
      (level, i) => frame.low[i % 2] + (frame.side * level) / LEVELS,
    );
  }
  return { ...header, labels: next(Uint16Array, header.count) };
}

function filmOf({ name, frames, count }, plays) {
  const film = remembered(name, frames, ({ points }) => points.length === 2 * count);
  film.position ??= 0;
  film.playing ??= plays;
  return film;
}
