/* A map that can be touched: test latents as coloured points, and a point of the visitor's own that
 * is dragged about.
 *
 * Drag moves the own point, the arrow keys do, too; the wheel, + and -
 * zoom, shift and drag (or two fingers) shift the view, a double click or 0 resets it. Points are
 * painted once per view, so that a drag only copies them.
 */
import { cleared, disc } from "./canvas.js";
import { edgeArrow } from "./geometry.js";
import { clamp } from "./numbers.js";

const NEAR = 9; // CSS pixels from a point within which a click means it
export const STILL = 4; // CSS pixels within which a press is a click
const KEY_STEP = 0.02; // of the view's width, per press of an arrow; ten times that with shift
const MOST_ZOOM = 200;
const ARROW = 20; // CSS pixels from the map's edge to the middle of the arrow on it

export class Pad {
  /* Calls, where given: move(place, phase) as the own point goes, phase "drag", then "end" once
     when it is let go; hover(place or null) as the pointer goes over without pressing; pick(index,
     place) when a click meets a point; view() when zoom or size have changed. A place is [x, y] in
     the map's units. */
  constructor(canvas, calls) {
    this.canvas = canvas;
    this.calls = calls;
    this.points = document.createElement("canvas");
    this.hidden = new Set(); // classes
    this.place = this.ghost = null; // the own point; the one under a hovering pointer
    this.path = []; // places to be joined by a line
    this.marks = []; // {place, text}: named points
    this.dots = 1; // size of the points, of the usual
    // {image: a canvas, extent: [left, right, bottom, top], smooth}: behind the points
    this.underlays = [];
    this.fingers = new Map();
    canvas.tabIndex = 0;
    canvas.style.touchAction = "none";
  }

  /* map: a LatentMap. The view stays where the map is the one shown before. */
  show(map, theme, side) {
    const same = this.map === map;
    Object.assign(this, { map, theme, side });
    if (!same) this.view = { ...(this.home = homeOf(map)) };
    this.repaint();
    this.calls.view?.();
  }

  listen(signal) {
    const on = (name, does, options) =>
      this.canvas.addEventListener(name, does, { signal, ...options });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.travel(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.release(event));
    on("pointerleave", () => this.hover(null));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", () => this.reset());
    on("keydown", (event) => this.key(event));
    on("keyup", (event) => this.keyMoved && event.key.startsWith("Arrow") && this.settle());
    on("blur", () => this.keyMoved && this.settle());
    signal.addEventListener("abort", () => this.stop());
  }

  /* Until the next redraw. */
  stop() {
    cancelAnimationFrame(this.request);
    this.request = null;
  }

  /* ---- Places ---- */

  get scale() {
    return this.view.half.map((half) => this.side / 2 / half);
  } // CSS pixels per unit

  /* Place -> CSS pixels from the canvas's top left corner, and back. */
  onScreen([x, y]) {
    const [across, up] = this.scale;
    return [this.side / 2 + (x - this.view.x) * across, this.side / 2 - (y - this.view.y) * up];
  }

  onMap(event) {
    const box = this.canvas.getBoundingClientRect();
    const [across, up] = this.scale;
    return [
      this.view.x + (event.clientX - box.left - this.side / 2) / across,
      this.view.y - (event.clientY - box.top - this.side / 2) / up,
    ];
  }

  /* [left, right, bottom, top] of what is in view. */
  get extent() {
    const { x, y, half } = this.view;
    return [x - half[0], x + half[0], y - half[1], y + half[1]];
  }

  /* Index of the visible test latent within a few pixels of a place; -1 if there is none. */
  pointAt(place) {
    const { points, labels } = this.map;
    const [across, up] = this.scale;
    let [index, least] = [-1, NEAR ** 2];
    for (let i = 0; 2 * i < points.length; i++) {
      const square =
        ((points[2 * i] - place[0]) * across) ** 2 + ((points[2 * i + 1] - place[1]) * up) ** 2;
      if (square < least && !this.hidden.has(labels[i])) [index, least] = [i, square];
    }
    return index;
  }

  /* ---- Gestures ---- */

  press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true, focusVisible: false });
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size > 1) return void (this.gesture = "pinch");
    this.origin = [event.clientX, event.clientY];
    this.gesture = event.shiftKey || event.button === 1 ? "pan" : "press";
    this.ghost = null;
  }

  travel(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.hover(this.onMap(event));
    const now = [event.clientX, event.clientY];
    if (this.gesture === "pinch") this.pinch(event.pointerId, now);
    else if (this.gesture === "pan") this.shift(now[0] - before[0], now[1] - before[1]);
    else if (
      this.gesture === "drag" ||
      Math.hypot(now[0] - this.origin[0], now[1] - this.origin[1]) > STILL
    ) {
      this.gesture = "drag";
      this.move(this.onMap(event), "drag");
    }
    this.fingers.set(event.pointerId, now);
  }

  release(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const place = this.onMap(event);
    if (this.gesture === "drag") this.move(this.place, "end");
    if (this.gesture === "press" && event.type === "pointerup") this.click(place);
    this.gesture = null;
  }

  click(place) {
    const index = this.calls.pick ? this.pointAt(place) : -1;
    if (index >= 0) this.calls.pick(index, place);
    else this.move(place, "end");
  }

  hover(place) {
    if (this.fingers.size || !this.calls.hover) return;
    this.ghost = place;
    this.redraw();
    this.calls.hover(place);
  }

  move(place, phase) {
    if (!this.calls.move) return;
    this.place = place;
    this.redraw();
    this.calls.move(place, phase);
  }

  key(event) {
    const step = (event.shiftKey ? 10 : 1) * KEY_STEP * 2;
    const [dx, dy] =
      { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[
        event.key
      ] ?? [];
    const zoom = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
    if (dx !== undefined && this.place && this.calls.move) {
      this.keyMoved = true;
      this.move(
        [this.place[0] + dx * this.view.half[0], this.place[1] + dy * this.view.half[1]],
        "drag",
      );
    } else if (zoom) this.zoom(zoom, [this.view.x, this.view.y]);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
  }

  settle() {
    this.keyMoved = false;
    this.move(this.place, "end");
  }

  /* ---- View ---- */

  wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / (event.deltaMode ? 10 : 300)), this.onMap(event));
  }

  /* The place stays under the pointer. */
  zoom(factor, [x, y]) {
    const most = this.home.half[0] / MOST_ZOOM;
    const times = clamp(
      1 / factor,
      most / this.view.half[0],
      (4 * this.home.half[0]) / this.view.half[0],
    );
    this.view = {
      x: x + (this.view.x - x) * times,
      y: y + (this.view.y - y) * times,
      half: this.view.half.map((half) => half * times),
    };
    this.changed();
  }

  shift(right, down) {
    const [across, up] = this.scale;
    this.view = { ...this.view, x: this.view.x - right / across, y: this.view.y + down / up };
    this.changed();
  }

  pinch(id, now) {
    const other = [...this.fingers].find(([finger]) => finger !== id)?.[1];
    const before = this.fingers.get(id);
    if (!other) return;
    const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
    const middle = { clientX: (now[0] + other[0]) / 2, clientY: (now[1] + other[1]) / 2 };
    this.shift((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.zoom(apart(now) / Math.max(1, apart(before)), this.onMap(middle));
  }

  reset() {
    this.view = { ...this.home };
    this.changed();
  }

  changed() {
    this.repaint();
    this.calls.view?.();
  }

  /* ---- Drawing ---- */

  /* Points, too: after a change of view, theme or classes. */
  repaint() {
    this.stale = true;
    this.redraw();
  }

  redraw() {
    this.request ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.request = null;
    if (!this.map) return;
    if (this.stale) paintPoints(this);
    this.stale = false;
    const context = cleared(this.canvas, this.side, this.side);
    for (const layer of this.underlays) drawUnderlay(this, context, layer);
    context.drawImage(this.points, 0, 0, this.side, this.side);
    drawPath(this, context);
    for (const mark of this.marks) drawMark(this, context, mark);
    if (this.ghost) drawPlace(this, context, this.ghost, 0.55);
    if (this.place) drawOwn(this, context, this.place);
  }
}

/* The view that holds all but a few strays, with a margin: a square where both axes measure the
   same. */
export function homeOf({ points, count, equal }) {
  const ends = [0, 1].map((axis) => {
    const values = Float32Array.from({ length: count }, (_, i) => points[2 * i + axis]).sort();
    const at = (share) => values[Math.round(share * (count - 1))] ?? 0;
    return equal ? [at(0.005), at(0.995)] : [at(0), at(1)];
  });
  const [x, y] = ends.map(([low, high]) => (low + high) / 2);
  const halves = ends.map(([low, high]) => (1.15 * (high - low)) / 2 || 1);
  return { x, y, half: equal ? [Math.max(...halves), Math.max(...halves)] : halves };
}

function paintPoints(pad) {
  const { points, side, theme, hidden, map } = pad;
  const context = cleared(points, side, side);
  const radius = pad.dots * clamp(side / (6 * Math.sqrt(map.count)), 2, 4.5);
  context.globalAlpha = pad.underlays.length ? 0.9 : 0.8;
  const [across, up] = pad.scale;
  for (let i = 0; i < map.count; i++) {
    if (hidden.has(map.labels[i])) continue;
    const right = side / 2 + (map.points[2 * i] - pad.view.x) * across;
    const down = side / 2 - (map.points[2 * i + 1] - pad.view.y) * up;
    if (right < -radius || down < -radius || right > side + radius || down > side + radius)
      continue;
    context.fillStyle = theme.classes[map.labels[i] % theme.classes.length];
    context.beginPath();
    context.arc(right, down, radius, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawUnderlay(pad, context, { image, extent: [left, right, bottom, top], smooth }) {
  const [x0, y0] = pad.onScreen([left, top]);
  const [x1, y1] = pad.onScreen([right, bottom]);
  context.imageSmoothingEnabled = Boolean(smooth);
  context.drawImage(image, x0, y0, x1 - x0, y1 - y0);
}

function drawPath(pad, context) {
  if (pad.path.length < 2) return;
  context.lineJoin = "round";
  for (const [style, width] of [
    [pad.theme.background, 6],
    [pad.theme.accent, 3],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    for (const place of pad.path) context.lineTo(...pad.onScreen(place));
    context.stroke();
  }
}

function drawMark(pad, context, { place, text }) {
  const [x, y] = pad.onScreen(place);
  context.font = `600 13px ${pad.theme.font}`;
  [context.textAlign, context.textBaseline] = ["center", "middle"];
  disc(context, x, y, 11, pad.theme.background);
  disc(context, x, y, 9, pad.theme.accent);
  context.fillStyle = "#fff";
  context.fillText(text, x, y + 0.5);
}

/* The own point: a ring, or an arrow at the edge towards where it is out of view. */
function drawOwn(pad, context, place) {
  const arrow = edgeArrow(pad.onScreen(place), [pad.side, pad.side], ARROW);
  if (arrow) drawArrow(pad, context, arrow);
  else drawPlace(pad, context, place, 1);
}

function drawArrow(pad, context, { at, angle }) {
  context.save();
  context.translate(...at);
  context.rotate(angle);
  context.beginPath();
  for (const corner of [
    [15, 0],
    [-10, 12],
    [-4, 0],
    [-10, -12],
  ])
    context.lineTo(...corner);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = pad.theme.background;
  context.stroke();
  context.fillStyle = pad.theme.accent;
  context.fill();
  context.restore();
}

/* A ring with an empty middle, so that what lies under it is seen. */
export function drawPlace(pad, context, place, strength) {
  const [x, y] = pad.onScreen(place);
  context.globalAlpha = strength;
  for (const [style, width] of [
    [pad.theme.background, 7],
    [pad.theme.accent, 3.5],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
}
