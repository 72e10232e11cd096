/* The live view of a training: loss curves, latent map and reconstructions of one epoch, moving together.
 *
 * Contract: data -> nothing. Neither state nor triggers go back to Python.
 *   data  Uint8Array: length of the header (uint32, little endian), the header (JSON), then the arrays without padding
 *     header           {run, axis, epochs, live, log, classes: [name], count, images, shape: [C, H, W],
 *                       curves: [{name, kind: "train" | "test" | "other", epochs: [n], values: [n or null], texts: [value]}],
 *                       range: [low, high] and ticks: [[place, text]] of the losses, as logarithms if log, epochTicks: [n],
 *                       frames: [{epoch, view: [x, y, half side]}]}
 *     points           float32, frames x count x 2
 *     reconstructions  uint8, frames x images x C x H x W
 *     labels           uint16, count
 *     originals        uint8, images x C x H x W
 * Frames stay in the page, by run, so that a call brings only new ones; one that comes again replaces the older.
 */
const MOST_RUNS = 3;
const GAP = 24; // between panes, in CSS pixels, as in forming.css
const STACK_GAP = 6; // between two stacks of images
const HAIRLINE = "#808080b0"; // shows on black and on white
const TRAVEL = 400; // milliseconds from one epoch to the next
const PLAY = 6000; // milliseconds from the first epoch to the last
const LEFT = 48, TOP = 10, RIGHT = 14, BOTTOM = 40; // margins of the loss plot

const runs = new Map(); // run -> frames by epoch; the one shown last is the last
const instances = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".forming");
  const forming = instances.get(root) ?? new Forming(root);
  instances.set(root, forming);
  const call = forming.update(unpacked(data));
  return () => call === forming.calls && forming.stop(); // the cleanup of one call may come after the next call
}

class Forming {
  constructor(root) {
    this.root = root;
    const parts = ["axis", "legend", "count", "empty", "chips", "caption", "play", "live"];
    for (const part of parts) this[part] = root.querySelector(`.${part}`);
    for (const pane of ["loss", "map", "images"]) this[pane] = root.querySelector(`.${pane} canvas`);
    this.slider = root.querySelector("input");
    this.sheet = document.createElement("canvas");
    this.hidden = new Set(); // classes
    this.calls = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const on = (target, name, does) => target.addEventListener(name, does, { signal: this.listeners.signal });
    on(this.play, "click", () => this.togglePlay());
    on(this.live, "click", () => this.follow());
    on(this.slider, "input", () => this.hold(Number(this.slider.value)));
    on(this.slider, "keydown", (event) => this.step(event));
    on(this.chips, "click", (event) => this.toggleClass(event.target.closest("button")));
    on(document.fonts, "loadingdone", () => this.redraw());
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

  /* A call from Python. What the visitor looks at stays, unless the run is another or the newest epoch is followed. */
  update(message) {
    const before = this.message?.run === message.run ? this.message : null;
    const first = !before || !this.frames.length;
    this.frames = remembered(message);
    this.message = message;
    this.theme = themeOf(this.root);
    if (!before) this.begin();
    if (first) this.position = this.newest;
    else if (this.mode === "follow" || (message.live && !before.live)) this.follow();
    if (!message.live && this.mode === "follow") this.mode = "held"; // the last step is still travelled
    this.listen();
    this.write();
    this.arrange();
    return ++this.calls;
  }

  begin() {
    this.mode = this.message.live ? "follow" : "held"; // or "play"
    this.travel = this.range = null;
    this.hidden.clear();
  }

  get oldest() { return this.frames[0]?.epoch ?? 1; }
  get newest() { return this.frames.at(-1)?.epoch ?? 1; }

  /* The place on the epochs that is drawn: between two of them only while something moves. */
  get shown() { return this.still.matches ? this.nearest().epoch : this.position; }

  nearest(epoch = this.position) {
    const closer = (best, frame) => (Math.abs(frame.epoch - epoch) < Math.abs(best.epoch - epoch) ? frame : best);
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

  /* The slider glides, so it has no steps of its own: the keys go from frame to frame. */
  step(event) {
    const last = this.frames.length - 1;
    const page = Math.max(2, Math.round(last / 10));
    const arrows = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    const by = { ...arrows, PageDown: -page, PageUp: page, Home: -last, End: last }[event.key];
    if (!by) return;
    event.preventDefault();
    this.hold(this.frames[clamp(this.frames.indexOf(this.nearest()) + by, 0, last)].epoch);
  }

  toggleClass(chip) {
    if (!chip) return;
    const index = Number(chip.dataset.index);
    if (!this.hidden.delete(index)) this.hidden.add(index);
    chip.setAttribute("aria-pressed", !this.hidden.has(index));
    this.redraw();
  }

  /* All that does not change with the epoch, but for pictures. */
  write() {
    const { axis, count, curves, classes, live, epochs } = this.message;
    this.axis.textContent = axis;
    this.count.textContent = `${count.toLocaleString("en")} test images`;
    fill(this.legend, curves.filter((curve) => curve.kind !== "other"), "span", (entry, curve) => {
      entry.className = curve.kind;
      entry.textContent = curve.name;
    });
    fill(this.chips, classes, "button", (chip, name, index) => {
      chip.type = "button";
      chip.dataset.index = index;
      chip.textContent = name;
      chip.style.setProperty("--swatch", this.theme.classes[index % this.theme.classes.length]);
      chip.setAttribute("aria-pressed", !this.hidden.has(index));
    });
    this.empty.hidden = this.frames.length > 0;
    this.empty.textContent = live ? "Appears after the first epoch" : "No epoch was kept";
    this.live.hidden = !live;
    this.play.disabled = this.slider.disabled = this.frames.length < 2;
    this.slider.min = this.oldest;
    this.slider.max = Math.max(live ? epochs : this.newest, this.oldest + 1);
  }

  arrange() {
    const width = this.root.clientWidth;
    if (!width) return;
    this.layout = layoutFor(width, this.message);
    this.root.dataset.layout = this.layout.name;
    for (const pane of ["loss", "map", "images"]) this.root.style.setProperty(`--${pane}`, `${this.layout[pane]}px`);
    this.redraw();
  }

  redraw() {
    this.stale = true;
    this.request ??= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.request = null;
    if (!this.layout) return;
    const elapsed = Math.min(100, now - (this.last ?? now)); // a hidden page gets no ticks: go on where it was left
    this.advance(now, elapsed);
    const settled = this.easeRange(elapsed);
    this.draw();
    const busy = this.mode === "play" || this.travel || !settled;
    this.last = busy ? now : null;
    if (busy) this.request ??= requestAnimationFrame((next) => this.tick(next));
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
    const there = empty || this.log !== log || this.still.matches || off < 0.002 * (goal[1] - goal[0]);
    this.log = log;
    this.range = there ? goal : now.map((value, i) => mixed(value, goal[i], 1 - Math.exp(-elapsed / 100)));
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
    this.showControls();
  }

  showControls() {
    const { slider, play, live, mode, shown, newest } = this;
    const share = (epoch) => clamp((epoch - slider.min) / (slider.max - slider.min), 0, 1);
    slider.value = shown;
    slider.style.setProperty("--at", share(shown));
    slider.style.setProperty("--loaded", share(newest));
    play.classList.toggle("playing", mode === "play");
    play.setAttribute("aria-label", mode === "play" ? "Pause" : "Play");
    live.setAttribute("aria-pressed", mode === "follow");
  }

  describe({ epoch }) {
    const { epochs, count, images } = this.message;
    const test = testAt(this.message, epoch);
    const words = `epoch ${epoch} of ${epochs}` + (test ? ` · test ${test.text}` : "");
    this.caption.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.loss.setAttribute("aria-label", `Loss curves, ${words}`);
    this.map.setAttribute("aria-label", `Latent map of ${count} test images, coloured by class, ${words}`);
    this.images.setAttribute("aria-label", `${images} test images, each above its reconstruction, ${words}`);
  }
}

/* ---- Data ---- */

function unpacked(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const next = (Type, count) => {
    const size = count * Type.BYTES_PER_ELEMENT;
    return new Type(bytes.slice(at, (at += size)).buffer); // a copy, for a view must start at a multiple of its size
  };
  const pixels = header.images * header.shape.reduce((a, b) => a * b);
  for (const frame of header.frames) frame.points = next(Float32Array, 2 * header.count);
  for (const frame of header.frames) frame.reconstructions = next(Uint8Array, pixels);
  return { ...header, labels: next(Uint16Array, header.count), originals: next(Uint8Array, pixels) };
}

function remembered({ run, frames, labels, originals }) {
  const fits = (frame) => frame.points.length === 2 * labels.length && frame.reconstructions.length === originals.length;
  const byEpoch = new Map([...(runs.get(run) ?? []).filter(fits), ...frames].map((frame) => [frame.epoch, frame]));
  runs.delete(run);
  runs.set(run, [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch));
  if (runs.size > MOST_RUNS) runs.delete(runs.keys().next().value);
  return runs.get(run);
}

function testAt({ curves }, epoch) {
  const test = curves.find((curve) => curve.kind === "test");
  const i = test ? test.epochs.indexOf(epoch) : -1;
  return i < 0 || test.values[i] === null ? null : { value: test.values[i], text: test.texts[i] };
}

/* The two frames around a place on the epochs, and how far it is from the first to the second. */
function around(frames, epoch) {
  const after = frames.findIndex((frame) => frame.epoch >= epoch);
  const to = frames.at(after);
  const from = frames[Math.max(0, after - 1)];
  return { from, to, share: to === from ? 0 : clamp((epoch - from.epoch) / (to.epoch - from.epoch), 0, 1) };
}

/* ---- Layout ---- */

/* Sizes in CSS pixels. Images at whole multiples, 4 or 8 stacks in a row: whatever fills the room of map and images best. */
function layoutFor(width, { images, shape: [, high, wide] }) {
  const name = width >= 1000 ? "wide" : width >= 500 ? "medium" : "narrow";
  const room = { wide: 0.66 * width - 2 * GAP, medium: width - GAP, narrow: width }[name];
  const most = name === "wide" ? Math.min(0.37 * width, 620) : 460;
  const longer = Math.max(high, wide);
  const least = Math.ceil(40 / longer);
  let best = { score: -Infinity };
  for (const columns of [4, 8]) {
    for (let zoom = least; zoom === least || zoom * longer <= 96; zoom++) {
      const across = columns * (zoom * wide + STACK_GAP) - STACK_GAP;
      const down = Math.ceil(images / columns) * (2 * zoom * high + 1 + STACK_GAP) - STACK_GAP;
      const map = Math.floor(Math.min(most, name === "narrow" ? width : room - across));
      const beyond = Math.max(0, across - width, 200 - map) + (name === "narrow" ? 0 : Math.max(0, down - map - 72));
      const unused = name === "medium" ? room - across - map : 0; // where the losses cannot fill it
      const score = map * Math.abs(map) + across * down - 3000 * beyond - 200 * unused;
      if (score > best.score) best = { score, name, columns, zoom, images: across, down, map: Math.max(map, 120) };
    }
  }
  const loss = name === "wide" ? Math.floor(width - best.map - best.images - 2 * GAP) : width;
  return { ...best, loss, lossHeight: name === "wide" ? best.map : 220 };
}

/* ---- Drawing ---- */

function themeOf(root) {
  const style = getComputedStyle(root);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, background, ground] = [of("text-color"), of("background-color"), of("secondary-background-color")];
  const classes = of("chart-categorical-colors").split(/,(?![^(]*\))/); // not at the commas of rgb(1, 2, 3)
  return { text, background, ground, classes, border: of("border-color"), accent: of("primary-color"), font: style.fontFamily };
}

function cleared(canvas, width, height) {
  const ratio = devicePixelRatio;
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    [canvas.style.width, canvas.style.height] = size.map((pixels) => `${pixels / ratio}px`);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width + 1, height + 1);
  return context;
}

function drawMap({ map, frames, shown, layout: { map: side }, message: { count, labels }, hidden, theme: { classes } }) {
  const context = cleared(map, side, side);
  if (!frames.length) return;
  const { from, to, share } = around(frames, shown);
  const [x, y, half] = from.view.map((value, i) => mixed(value, to.view[i], share));
  const [a, b, scale] = [from.points, to.points, side / 2 / half];
  const radius = clamp(side / (6 * Math.sqrt(count)), 2.5, 4.5);
  context.globalAlpha = 0.85;
  for (let i = 0; i < count; i++) {
    if (hidden.has(labels[i])) continue;
    const right = side / 2 + (mixed(a[2 * i], b[2 * i], share) - x) * scale;
    const down = side / 2 - (mixed(a[2 * i + 1], b[2 * i + 1], share) - y) * scale;
    context.fillStyle = classes[labels[i] % classes.length];
    context.beginPath();
    context.arc(right, down, radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawImages({ images: canvas, sheet, layout, theme, message }, { reconstructions }) {
  const { images, originals, shape } = message;
  const [, high, wide] = shape;
  const ratio = devicePixelRatio;
  const context = cleared(canvas, layout.images, layout.down);
  context.setTransform(1, 0, 0, 1, 0, 0); // device pixels from here: a whole multiple is one on every screen
  context.imageSmoothingEnabled = false;
  const zoom = Math.floor(layout.zoom * ratio);
  const [width, height, gap, hair] = [zoom * wide, zoom * high, Math.round(STACK_GAP * ratio), Math.round(ratio) || 1];
  paintSheet(sheet, shape, images, [originals, reconstructions]);
  for (let i = 0; i < images; i++) {
    const x = (i % layout.columns) * (width + gap);
    const y = Math.floor(i / layout.columns) * (2 * height + hair + gap);
    context.fillStyle = theme.ground;
    context.fillRect(x, y, width, 2 * height + hair);
    context.drawImage(sheet, i * wide, 0, wide, high, x, y, width, height);
    context.drawImage(sheet, i * wide, high, wide, high, x, y + height + hair, width, height);
    context.fillStyle = HAIRLINE;
    context.fillRect(x, y + height, width, hair);
  }
}

/* Images (I, C, H, W) side by side on a canvas, a row for each of `rows`; a row that is undefined stays transparent. */
function paintSheet(sheet, [channels, high, wide], images, rows) {
  [sheet.width, sheet.height] = [images * wide, rows.length * high];
  const context = sheet.getContext("2d");
  const tile = context.createImageData(wide, high);
  rows.forEach((pixels, row) => {
    for (let i = 0; pixels && i < images; i++) {
      for (let k = 0; k < tile.data.length; k++) {
        const channel = Math.min(k % 4, channels - 1); // grey is red, green and blue
        tile.data[k] = k % 4 === 3 ? 255 : pixels[(i * channels + channel) * high * wide + (k >> 2)];
      }
      context.putImageData(tile, i * wide, row * high);
    }
  });
}

/* ---- Losses ---- */

function drawLosses({ loss, layout, message, frames, theme, range, mode, shown, newest }) {
  const context = cleared(loss, layout.loss, layout.lossHeight);
  context.font = `13px ${theme.font}`;
  context.lineJoin = "round";
  const others = message.curves.filter((curve) => curve.kind === "other");
  const lines = message.curves.filter((curve) => curve.kind !== "other");
  const plot = plotFor(context, layout, message, range, others);
  drawAxes(context, plot, message, theme);
  for (const curve of others) drawCurve(context, plot, curve, theme, 1);
  nameEnds(context, plot, others, theme);
  const marker = frames.length ? plot.x(shown) : layout.loss;
  const drawBetween = (from, to, strength) => {
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, layout.lossHeight);
    context.clip();
    for (const curve of lines) drawCurve(context, plot, curve, theme, strength);
    context.restore();
  };
  drawBetween(0, marker, 1);
  if (mode !== "follow" || shown >= newest) drawBetween(marker, layout.loss, 0.3); // what was later; else it just grows
  if (frames.length) drawMarker(context, plot, marker, message, theme, around(frames, shown));
}

function plotFor(context, { loss, lossHeight }, { epochs, log }, [low, high], others) {
  const names = Math.max(0, ...others.map(({ name }) => context.measureText(name).width));
  const right = loss - RIGHT - names;
  const bottom = lossHeight - BOTTOM;
  const x = (epoch) => LEFT + 8 + ((epoch - 1) / Math.max(1, epochs - 1)) * (right - LEFT - 14);
  const height = (place) => bottom - ((place - low) / (high - low)) * (bottom - TOP);
  const y = (value) => height(log ? Math.log10(value) : value);
  return { right, bottom, x, y, height };
}

function drawAxes(context, plot, { ticks, epochTicks }, theme) {
  const line = (x, y, width, height) => {
    context.fillStyle = theme.border;
    context.fillRect(Math.round(x), Math.round(y), width, height);
    context.fillStyle = theme.text;
  };
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const [place, text] of ticks) {
    const y = plot.height(place);
    if (y < TOP || y > plot.bottom + 1) continue; // while the axis is still on its way
    line(LEFT, y, plot.right - LEFT, 1);
    context.fillText(text, LEFT - 8, y);
  }
  line(LEFT, plot.bottom, plot.right - LEFT, 1);
  line(LEFT, TOP, 1, plot.bottom - TOP);
  context.textAlign = "center";
  for (const epoch of epochTicks) context.fillText(epoch, plot.x(epoch), plot.bottom + 13);
  context.fillText("Epoch", (LEFT + plot.right) / 2, plot.bottom + 31);
}

function drawCurve(context, plot, { epochs, values, kind }, theme, strength) {
  context.save();
  context.beginPath();
  let pen = "moveTo";
  values.forEach((value, i) => {
    if (value !== null && plot.x(epochs[i]) <= plot.right) context[pen](plot.x(epochs[i]), plot.y(value));
    pen = value === null ? "moveTo" : "lineTo";
  });
  context.setLineDash(kind === "other" ? [5, 4] : []);
  context.lineWidth = { train: 2, test: 3, other: 1.25 }[kind];
  context.strokeStyle = kind === "test" ? theme.accent : theme.text;
  context.globalAlpha = strength * { train: 0.45, test: 1, other: 0.5 }[kind];
  context.stroke();
  context.restore();
}

/* The names of other runs at the ends of their lines, moved apart where they would overlap. */
function nameEnds(context, plot, others, theme) {
  const ends = others.flatMap(({ name, epochs, values }) => {
    const last = values.findLastIndex((value, i) => value !== null && plot.x(epochs[i]) <= plot.right);
    return last < 0 ? [] : [{ name, x: plot.x(epochs[last]), y: plot.y(values[last]) }];
  });
  context.textAlign = "left";
  context.fillStyle = theme.text;
  let below = plot.bottom + 7;
  for (const { name, x, y } of ends.sort((a, b) => b.y - a.y)) {
    below = Math.min(y, below - 15);
    context.fillText(name, x + 6, below);
  }
}

function drawMarker(context, plot, x, message, theme, { from, to, share }) {
  context.fillStyle = theme.text;
  context.globalAlpha = 0.5;
  context.fillRect(Math.round(x), TOP, 1, plot.bottom - TOP);
  context.globalAlpha = 1;
  const [before, after] = [testAt(message, from.epoch), testAt(message, to.epoch)];
  if (!before || !after) return;
  const y = mixed(plot.y(before.value), plot.y(after.value), share);
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fillStyle = theme.accent;
  context.fill();
  const { text } = share < 0.5 ? before : after;
  const fits = plot.right - x > context.measureText(text).width + 20;
  context.textAlign = fits ? "left" : "right";
  context.font = `600 15px ${theme.font}`;
  context.lineWidth = 4;
  context.strokeStyle = theme.background;
  context.fillStyle = theme.text;
  for (const paint of ["strokeText", "fillText"]) context[paint](text, x + (fits ? 9 : -9), y - 14);
}

/* ---- Small things ---- */

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const mixed = (from, to, share) => from + (to - from) * share;

/* One child per item; those that are there stay, and the focus with them. */
function fill(parent, items, tag, write) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) parent.append(document.createElement(tag));
  items.forEach((item, i) => write(parent.children[i], item, i));
}
