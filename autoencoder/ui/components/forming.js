/* The live view of a training: loss curves, latent map and reconstructions of one epoch, moving together.
 *
 * Contract: data -> nothing. Neither state nor triggers go back to Python.
 *   data  Uint8Array: length of the header (uint32, little endian), the header (JSON), then the arrays without padding
 *     header           {run, axis, epochs, live, log, classes: [name], curves: [{name, kind, epochs, values or null}],
 *                       frames: [epoch], count, images, shape: [C, H, W]}
 *     points           float32, frames x count x 2
 *     reconstructions  uint8, frames x images x C x H x W
 *     labels           uint16, count
 *     originals        uint8, images x C x H x W
 * Frames stay in the page, by run, so that a call brings only new ones; one that comes again replaces the older.
 */
const MOST_RUNS = 3;
const GAP = 24; // between panes, in CSS pixels
const STACK_GAP = 6; // between two stacks of images
const FOLLOWING = 400; // milliseconds from one epoch to the next
const PLAYING = 6000; // milliseconds from the first epoch to the last
const MARGIN = { left: 48, right: 14, top: 10, bottom: 40 }; // around the loss plot

const runs = new Map(); // run -> frames by epoch; the one shown last is the last
const instances = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".forming");
  let forming = instances.get(root);
  if (!forming) instances.set(root, (forming = new Forming(root)));
  const call = forming.update(unpacked(data));
  return () => {
    if (forming.calls !== call) return; // a cleanup may come after the next call
    forming.stop();
    instances.delete(root);
  };
}

class Forming {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { root, play: find(".play"), slider: find("input"), live: find(".live"), caption: find(".caption") });
    Object.assign(this, { loss: find(".loss canvas"), map: find(".map canvas"), images: find(".images canvas") });
    this.empty = find(".empty");
    this.sheet = document.createElement("canvas");
    this.dots = document.createElement("canvas");
    this.hidden = new Set();
    this.frames = [];
    this.calls = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.listen();
  }

  listen() {
    this.listeners = new AbortController();
    const on = (target, name, does) => target.addEventListener(name, does, { signal: this.listeners.signal });
    on(this.play, "click", () => this.togglePlay());
    on(this.live, "click", () => this.follow());
    on(this.slider, "input", () => this.hold(Number(this.slider.value)));
    on(this.slider, "keydown", (event) => this.step(event));
    on(this.root.querySelector(".chips"), "click", (event) => this.toggleClass(event.target.closest("button")));
    on(document.fonts, "loadingdone", () => this.invalidate());
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.listeners.abort();
    this.observer.disconnect();
  }

  /* A call from Python. What the visitor looks at stays, unless the run is another or the newest epoch is followed. */
  update(message) {
    const before = this.message?.run === message.run ? this.message : null;
    const hadFrames = before && this.frames.length > 0;
    this.frames = remembered(message);
    this.message = message;
    this.theme = themeOf(this.root);
    if (!before) this.begin();
    else if (message.live && !before.live) this.follow();
    else if (this.mode === "follow" || !hadFrames) this.travel(this.newest);
    if (!message.live && this.mode === "follow") this.mode = "held"; // the last step is still travelled
    if (this.mode !== "play" && !this.moving) this.position = this.nearest().epoch;
    this.write();
    this.arrange();
    return ++this.calls;
  }

  begin() {
    this.mode = this.message.live ? "follow" : "held";
    this.moving = this.range = null;
    this.hidden.clear();
    this.position = this.newest;
  }

  get newest() {
    return this.frames.at(-1)?.epoch ?? 1;
  }

  get oldest() {
    return this.frames[0]?.epoch ?? 1;
  }

  /* The place on the epochs that is drawn: between two of them only while something moves. */
  get shown() {
    return this.still.matches ? this.nearest().epoch : this.position;
  }

  nearest(epoch = this.position) {
    const closer = (best, frame) => (Math.abs(frame.epoch - epoch) < Math.abs(best.epoch - epoch) ? frame : best);
    return this.frames.length ? this.frames.reduce(closer) : { epoch: 1 };
  }

  travel(epoch) {
    if (epoch === (this.moving?.to ?? this.position)) return;
    this.moving = this.still.matches ? null : { from: this.position, to: epoch, since: performance.now() };
    if (!this.moving) this.position = epoch;
    this.invalidate();
  }

  follow() {
    this.mode = "follow";
    this.travel(this.newest);
    this.invalidate();
  }

  hold(epoch) {
    this.mode = "held";
    this.moving = null;
    this.position = this.nearest(epoch).epoch;
    this.invalidate();
  }

  togglePlay() {
    if (this.mode === "play") {
      this.mode = "held";
      this.travel(this.nearest().epoch);
    } else {
      if (this.position >= this.newest) this.position = this.oldest;
      this.moving = null;
      this.mode = "play";
    }
    this.invalidate();
  }

  /* The slider glides, so its own steps are of no use: the keys go from epoch to epoch. */
  step(event) {
    const at = this.frames.indexOf(this.nearest());
    const last = this.frames.length - 1;
    const page = Math.max(2, Math.round(last / 10));
    const to = {
      ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
      PageDown: at - page, PageUp: at + page, Home: 0, End: last,
    }[event.key]; // prettier-ignore
    if (to === undefined) return;
    event.preventDefault();
    this.hold(this.frames[clamp(to, 0, last)].epoch);
  }

  toggleClass(chip) {
    if (!chip) return;
    const index = Number(chip.dataset.index);
    if (!this.hidden.delete(index)) this.hidden.add(index);
    chip.setAttribute("aria-pressed", String(!this.hidden.has(index)));
    this.invalidate();
  }

  /* Everything in words that does not change with the epoch. */
  write() {
    const { message, root } = this;
    root.querySelector(".axis").textContent = message.axis;
    root.querySelector(".count").textContent = `${message.count.toLocaleString("en")} test images`;
    const lines = message.curves.filter((curve) => curve.kind !== "other");
    fill(root.querySelector(".legend"), lines, "span", (entry, line) => {
      entry.className = line.kind;
      entry.textContent = line.name;
    });
    fill(root.querySelector(".chips"), message.classes, "button", (chip, name, index) => {
      chip.type = "button";
      chip.dataset.index = index;
      chip.textContent = name;
      chip.style.setProperty("--swatch", this.colour(index));
      chip.setAttribute("aria-pressed", String(!this.hidden.has(index)));
    });
    this.empty.hidden = this.frames.length > 0;
    this.empty.textContent = message.live ? "Appears after the first epoch" : "No epoch was kept";
    this.live.hidden = !message.live;
    this.play.disabled = this.slider.disabled = this.frames.length < 2;
    this.slider.min = this.oldest;
    this.slider.max = Math.max(message.live ? message.epochs : this.newest, this.oldest + 1);
  }

  colour(index) {
    return this.theme.classes[index % this.theme.classes.length];
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width || !this.message) return;
    this.layout = layoutFor(width, this.message);
    this.root.dataset.layout = this.layout.name;
    this.root.style.setProperty("--map", `${this.layout.map}px`);
    this.invalidate();
  }

  invalidate() {
    this.stale = true;
    this.request ??= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    const elapsed = Math.min(100, now - (this.last ?? now)); // a hidden page draws no frames: go on where it was left
    this.request = null;
    if (!this.layout) return;
    this.advance(now, elapsed);
    const settled = this.scaleLosses(elapsed);
    this.draw();
    const busy = this.mode === "play" || this.moving || !settled;
    this.last = busy ? now : null;
    if (busy) this.request ??= requestAnimationFrame((next) => this.tick(next));
  }

  advance(now, elapsed) {
    if (this.mode === "play") {
      const duration = Math.min(PLAYING, 2 * FOLLOWING * (this.frames.length - 1));
      this.position += ((this.newest - this.oldest) * elapsed) / duration;
      if (this.position < this.newest) return;
      this.position = this.newest;
      this.mode = this.message.live ? "follow" : "held";
    } else if (this.moving) {
      const { from, to, since } = this.moving;
      const share = clamp((now - since) / FOLLOWING, 0, 1);
      this.position = mixed(from, to, 1 - (1 - share) ** 3);
      if (share === 1) this.moving = null;
    }
  }

  /* Eases the range of the losses to what the curves need; true once it is there. */
  scaleLosses(elapsed) {
    const goal = lossRange(this.message);
    const at = this.range;
    const span = goal.high - goal.low;
    const off = at ? Math.abs(at.high - goal.high) + Math.abs(at.low - goal.low) : 0;
    if (!at || at.log !== goal.log || at.none || this.still.matches || off < 0.002 * span) this.range = goal;
    else {
      const share = 1 - Math.exp(-elapsed / 100);
      this.range = { log: goal.log, low: mixed(at.low, goal.low, share), high: mixed(at.high, goal.high, share) };
    }
    return this.range === goal;
  }

  draw() {
    const frame = this.nearest();
    drawLosses(this.loss, this);
    drawMap(this.map, this);
    if (this.stale || frame !== this.drawn) {
      drawImages(this.images, this, frame);
      this.describe(frame);
      this.drawn = frame;
      this.stale = false;
    }
    this.moveSlider();
    this.play.classList.toggle("playing", this.mode === "play");
    this.play.setAttribute("aria-label", this.mode === "play" ? "Pause" : "Play");
    this.live.setAttribute("aria-pressed", String(this.mode === "follow"));
  }

  moveSlider() {
    const { min, max } = this.slider;
    const share = (epoch) => clamp((epoch - min) / (max - min), 0, 1);
    this.slider.value = this.shown;
    this.slider.style.setProperty("--at", share(this.shown));
    this.slider.style.setProperty("--loaded", share(this.newest));
  }

  describe({ epoch }) {
    const { epochs, count, images } = this.message;
    const value = testAt(this.message, epoch);
    const place = this.frames.length ? `epoch ${epoch} of ${epochs}` : `epoch 0 of ${epochs}`;
    const test = this.frames.length && value !== null ? ` · test ${number(value)}` : "";
    this.caption.textContent = place + test;
    this.slider.setAttribute("aria-valuetext", place + test.replace(" ·", ","));
    this.loss.setAttribute("aria-label", `Loss curves, ${place}${test.replace(" ·", ",")}`);
    this.map.setAttribute("aria-label", `Latent map of ${count} test images, coloured by class, ${place}`);
    this.images.setAttribute("aria-label", `${images} test images, each above its reconstruction, ${place}`);
  }
}

/* ---- Data ---- */

function unpacked(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const next = (Type, count) => {
    const size = count * Type.BYTES_PER_ELEMENT;
    return new Type(bytes.slice(at, (at += size)).buffer); // a copy, so that it starts where a Type may start
  };
  const pixels = header.images * header.shape.reduce((a, b) => a * b);
  const points = header.frames.map(() => next(Float32Array, 2 * header.count));
  const reconstructions = header.frames.map(() => next(Uint8Array, pixels));
  const frames = header.frames.map((epoch, i) => ({ epoch, points: points[i], reconstructions: reconstructions[i] }));
  return { ...header, frames, labels: next(Uint16Array, header.count), originals: next(Uint8Array, pixels) };
}

function remembered({ run, frames, labels, originals }) {
  const fits = (frame) => frame.points.length === 2 * labels.length && frame.reconstructions.length === originals.length;
  const byEpoch = new Map((runs.get(run) ?? []).filter(fits).map((frame) => [frame.epoch, frame]));
  for (const frame of frames) byEpoch.set(frame.epoch, frame);
  runs.delete(run);
  runs.set(run, [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch));
  for (const oldest of runs.keys()) if (runs.size > MOST_RUNS) runs.delete(oldest);
  return runs.get(run);
}

function testAt({ curves }, epoch) {
  const test = curves.find((curve) => curve.kind === "test");
  return test?.values[test.epochs.indexOf(epoch)] ?? null;
}

/* The two frames around a place on the epochs, and how far it is from the first to the second. */
function around(frames, epoch) {
  const after = Math.max(1, frames.findIndex((frame) => frame.epoch >= epoch));
  const from = frames[after - 1];
  const to = frames[after] ?? from;
  return { from, to, share: to === from ? 0 : clamp((epoch - from.epoch) / (to.epoch - from.epoch), 0, 1) };
}

/* ---- Layout ---- */

/* Sizes in CSS pixels. Images at whole multiples, 4 or 8 stacks in a row: whichever fills map and images best. */
function layoutFor(width, { images, shape: [, high, wide] }) {
  const name = width >= 1000 ? "wide" : width >= 500 ? "medium" : "narrow";
  const room = name === "wide" ? 0.66 * width - 2 * GAP : name === "medium" ? width - GAP : width;
  const most = name === "wide" ? Math.min(0.37 * width, 620) : 540;
  const least = Math.ceil(40 / Math.max(high, wide));
  let best = null;
  for (const columns of [4, 8]) {
    for (let zoom = least; zoom === least || zoom * Math.max(high, wide) <= 96; zoom++) {
      const across = columns * (zoom * wide + STACK_GAP) - STACK_GAP;
      const down = Math.ceil(images / columns) * (2 * zoom * high + 1 + STACK_GAP) - STACK_GAP;
      const map = Math.floor(Math.min(most, name === "narrow" ? width : room - across));
      const cramped = Math.max(0, across - width, 200 - map) + (name === "narrow" ? 0 : Math.max(0, down - map - 72));
      const score = map * Math.abs(map) + across * Math.min(down, 2 * most) - 3000 * cramped;
      if (!best || score > best.score) best = { score, columns, zoom, across, down, map: Math.max(map, 120) };
    }
  }
  const loss = name === "wide" ? width - best.map - best.across - 2 * GAP : width;
  return { ...best, name, lossWidth: Math.floor(loss), lossHeight: name === "wide" ? best.map : 240 };
}

/* ---- Drawing ---- */

function themeOf(root) {
  const style = getComputedStyle(root);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: of("text-color"), background: of("background-color"), ground: of("secondary-background-color"),
    border: of("border-color"), accent: of("primary-color"), font: style.fontFamily,
    classes: of("chart-categorical-colors").split(/,(?![^(]*\))/), // not at the commas of rgb(1, 2, 3)
  }; // prettier-ignore
}

function cleared(canvas, width, height) {
  const ratio = devicePixelRatio;
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    canvas.style.width = `${size[0] / ratio}px`;
    canvas.style.height = `${size[1] / ratio}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width + 1, height + 1);
  return context;
}

function drawMap(canvas, { frames, shown, layout, message, hidden, theme, dots, colour }) {
  const side = layout.map;
  const context = cleared(canvas, side, side);
  if (!frames.length) return;
  const radius = clamp(side / (6 * Math.sqrt(message.count)), 2.5, 4.5);
  const size = drawDots(dots, radius, message.classes.length, theme);
  const { from, to, share } = around(frames, shown);
  const [a, b] = [viewOf(from), viewOf(to)];
  const [x, y, half] = [mixed(a.x, b.x, share), mixed(a.y, b.y, share), mixed(a.half, b.half, share)];
  const scale = side / 2 / half;
  for (let i = 0; i < message.count; i++) {
    const label = message.labels[i];
    const across = side / 2 + (mixed(from.points[2 * i], to.points[2 * i], share) - x) * scale;
    const up = side / 2 - (mixed(from.points[2 * i + 1], to.points[2 * i + 1], share) - y) * scale;
    if (hidden.has(label) || !Number.isFinite(across + up)) continue;
    const cut = size * devicePixelRatio;
    context.drawImage(dots, label * cut, 0, cut, cut, across - size / 2, up - size / 2, size, size);
  }
}

/* One dot per class on one small canvas: copying a dot is several times faster than painting it. Returns a dot's room. */
function drawDots(canvas, radius, classes, theme) {
  const size = Math.ceil(2 * radius + 3);
  const wanted = [radius, classes, devicePixelRatio, theme.background, ...theme.classes].join();
  if (canvas.dataset.drawn === wanted) return size;
  canvas.dataset.drawn = wanted;
  const context = cleared(canvas, size * classes, size);
  for (let label = 0; label < classes; label++) {
    context.beginPath();
    context.arc((label + 0.5) * size, size / 2, radius + 0.5, 0, 2 * Math.PI);
    context.fillStyle = theme.classes[label % theme.classes.length];
    context.strokeStyle = theme.background;
    context.globalAlpha = 0.9;
    context.fill();
    context.globalAlpha = 0.6;
    context.stroke();
  }
  return size;
}

/* The square of the plane that holds nearly all points of a frame: strays must not shrink the rest. */
function viewOf(frame) {
  if (frame.view) return frame.view;
  const middle = (offset) => {
    const sorted = frame.points.filter((value, i) => i % 2 === offset && Number.isFinite(value)).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    return [(at(0.01) + at(0.99)) / 2, (at(0.99) - at(0.01)) / 2];
  };
  const [[x, width], [y, height]] = [middle(0), middle(1)];
  return (frame.view = { x, y, half: 1.15 * Math.max(width, height) || 1 });
}

function drawImages(canvas, { layout, message, theme, sheet }, { reconstructions }) {
  const { images, originals, shape: [, high, wide] } = message;
  const context = cleared(canvas, layout.across, layout.down);
  context.setTransform(1, 0, 0, 1, 0, 0); // device pixels from here: whole multiples stay whole on every screen
  context.imageSmoothingEnabled = false;
  const ratio = devicePixelRatio;
  const zoom = Math.round(layout.zoom * ratio);
  const hair = Math.max(1, Math.round(ratio));
  const [width, height, gap] = [zoom * wide, zoom * high, Math.round(STACK_GAP * ratio)];
  paintSheet(sheet, message.shape, images, [originals, reconstructions]);
  for (let i = 0; i < images; i++) {
    const x = (i % layout.columns) * (width + gap);
    const y = Math.floor(i / layout.columns) * (2 * height + hair + gap);
    context.fillStyle = theme.ground;
    context.fillRect(x, y, width, 2 * height + hair);
    context.drawImage(sheet, i * wide, 0, wide, high, x, y, width, height);
    if (reconstructions) context.drawImage(sheet, i * wide, high, wide, high, x, y + height + hair, width, height);
    context.fillStyle = theme.border;
    context.fillRect(x, y + height, width, hair);
  }
}

/* Images (I, C, H, W) side by side, one row of the sheet for each of `rows`. */
function paintSheet(sheet, [channels, high, wide], images, rows) {
  [sheet.width, sheet.height] = [images * wide, rows.length * high];
  const context = sheet.getContext("2d");
  const image = context.createImageData(wide, high);
  rows.forEach((pixels, row) => {
    for (let i = 0; pixels && i < images; i++) {
      for (let at = 0; at < high * wide; at++) {
        for (let c = 0; c < 3; c++) {
          image.data[4 * at + c] = pixels[(i * channels + Math.min(c, channels - 1)) * high * wide + at];
        }
        image.data[4 * at + 3] = 255;
      }
      context.putImageData(image, i * wide, row * high);
    }
  });
}

/* ---- Losses ---- */
