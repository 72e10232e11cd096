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
import { toggleChip, writeChips } from "../../components/elements.js";
import { mounted } from "../../components/mounting.js";
import { opened } from "../../components/packing.js";
import { drawLoss, drawMap } from "./draw.js";

const PLAY = 8000; // milliseconds from the first of FRAMES steps to the last
const FRAMES = 40;
const MOST_FILMS = 3;
const LEVELS = 65_535;
const GAP = 24; // CSS pixels between map and loss, as in component.css
const WIDE = 700; // CSS pixels, from which the loss has room beside the map
const AROUND_MAP = 410; // CSS pixels of a window's height that are not the map's
const [LEAST_SIDE, MOST_SIDE] = [300, 720]; // CSS pixels of the map
const LOSS_HEIGHT = 260;

const films = new Map(); // name -> {frames, position, playing}; the one shown last is the last

export default mounted(".steps-view", (root) => new StepsView(root));

class StepsView {
  constructor(root) {
    this.root = root;
    [this.map, this.loss] = root.querySelectorAll("canvas");
    for (const part of ["play", "chips", "caption"]) this[part] = root.querySelector(`.${part}`);
    this.slider = root.querySelector("input");
    this.hidden = new Set(); // classes
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const on = (target, name, does) =>
      target.addEventListener(name, does, { signal: this.listeners.signal });
    on(this.play, "click", () => this.togglePlay());
    on(this.slider, "input", () => this.hold(Number(this.slider.value)));
    on(this.slider, "keydown", (event) => this.step(event));
    on(this.chips, "click", (event) => this.toggleClass(event.target.closest("button")));
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  /* Until the next call. */
  stop() {
    cancelAnimationFrame(this.request);
    this.listeners?.abort();
    this.observer?.disconnect();
    this.listeners = this.request = this.last = null;
  }

  /* A call from Python. A film begins to play when its first step comes, and waits for more at the
     last one that is there; whoever asks for reduced motion gets the newest step. */
  update(data) {
    const message = unpacked(data);
    this.film = remembered(message, !this.still.matches);
    if (this.still.matches && !this.film.held) this.film.position = this.newest;
    Object.assign(this, { message, theme: themeOf(this.root) });
    this.listen();
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

  /* The slider glides, so it has no steps of its own: the keys go from step to step. */
  step(event) {
    const last = this.newest;
    const page = Math.max(2, Math.round(last / 10));
    const arrows = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    const by = { ...arrows, PageDown: -page, PageUp: page, Home: -last, End: last }[event.key];
    if (!by) return;
    event.preventDefault();
    this.hold(Math.round(this.film.position) + by);
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
    this.request ??= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.request = null;
    if (!this.layout) return;
    const { film } = this;
    // a hidden page gets no ticks: go on where it was left
    const elapsed = Math.min(100, now - (this.last ?? now));
    if (film.playing) {
      film.position = Math.min(this.newest, film.position + (elapsed / PLAY) * (FRAMES - 1));
      if (film.position >= this.newest && !this.message.live) film.playing = false;
    }
    this.draw();
    const busy = film.playing && film.position < this.newest;
    this.last = busy ? now : null;
    if (busy) this.request ??= requestAnimationFrame((next) => this.tick(next));
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
    const { film, message, slider, play, newest } = this;
    const { from, to, share } = this.between();
    const epoch = Math.round(mixed(from.epoch, to.epoch, share));
    const words =
      `Epoch ${epoch} of ${message.epochs}` + ` · loss ${digits(mixed(from.loss, to.loss, share))}`;
    drawMap(this, { from, to, share });
    drawLoss(this, mixed(from.epoch, to.epoch, share), mixed(from.loss, to.loss, share));
    this.root.dataset.epoch = epoch;
    this.caption.textContent = words;
    const last = message.live ? Math.max(newest, FRAMES - 1) : Math.max(newest, 1);
    play.disabled = slider.disabled = newest < 1;
    slider.max = last;
    slider.value = film.position;
    slider.style.setProperty("--at", film.position / last);
    slider.style.setProperty("--loaded", newest / last);
    slider.setAttribute("aria-valuetext", words);
    play.classList.toggle("playing", film.playing);
    play.setAttribute("aria-label", film.playing ? "Pause" : "Play");
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

function remembered({ name, frames, count }, plays) {
  const film = films.get(name) ?? { frames: [], position: 0, playing: plays, held: false };
  const kept = film.frames.filter(({ points }) => points.length === 2 * count);
  const byEpoch = new Map([...kept, ...frames].map((frame) => [frame.epoch, frame]));
  film.frames = [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
  films.delete(name);
  films.set(name, film);
  if (films.size > MOST_FILMS) films.delete(films.keys().next().value);
  return film;
}
