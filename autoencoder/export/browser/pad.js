/* A map that can be touched: test latents as coloured points, and a point of the visitor's own that
 * is dragged about.
 *
 * Drag moves the own point, the arrow keys do, too; the wheel, + and -
 * zoom, shift and drag (or two fingers) shift the view, a double click or 0 resets it.
 *
 * What a drag does not change is not drawn by it: points are painted once per view, and a shift of
 * the view moves what was painted as long as its margin lasts; the ring of the own point is a small
 * element above the map, which only moves.
 */
import { cleared, disc } from "./canvas.js";
import { edgeArrow } from "./geometry.js";
import { clamp } from "./numbers.js";

const NEAR = 9; // CSS pixels from a point within which a click means it
export const STILL = 4; // CSS pixels within which a press is a click
const KEY_STEP = 0.02; // of the view's width, per press of an arrow; ten times that with shift
const MOST_ZOOM = 200;
const ARROW = 20; // CSS pixels from the map's edge to the middle of the arrow on it
const RING = 40; // CSS pixels, the side of the canvas of a ring or an arrow
const MARGIN = 0.2; // of a map's side, painted beyond each of its edges

export class Pad {
  /* ask(): draw() is to be called in the next animation frame, before anything else is drawn.
     Other calls, where given: move(place, phase) as the own point goes, phase "drag" at most once
     per frame, then "end" once when it is let go; hover(place or null) as the pointer goes over
     without pressing; pick(index, place) when a click meets a point; view() when zoom or size have
     changed. A place is [x, y] in the map's units. The canvas is the last thing in a positioned
     parent: the rings are laid over it. */
  constructor(canvas, calls) {
    this.canvas = canvas;
    this.calls = calls;
    this.points = document.createElement("canvas"); // the map and its margin
    this.rings = new Rings(canvas);
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
      this.target = { clientX: now[0], clientY: now[1] };
      this.calls.ask();
    }
    this.fingers.set(event.pointerId, now);
  }

  /* The own point goes where a drag has come to. */
  drag() {
    if (this.target) this.move(this.onMap(this.target), "drag");
    this.target = null;
  }

  release(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const place = this.onMap(event);
    this.drag();
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
    this.calls.ask();
    this.calls.hover(place);
  }

  move(place, phase) {
    if (!this.calls.move) return;
    this.place = place;
    this.calls.ask();
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
    this.redraw();
    this.calls.view?.();
  }

  /* ---- Drawing ---- */

  /* Everything anew: after a change of map, theme, size or classes. */
  repaint() {
    this.painted = null;
    this.redraw();
  }

  /* All but the points, if they can be moved to where they belong. A ring needs calls.ask()
     alone. */
  redraw() {
    this.due = true;
    this.calls.ask();
  }

  draw() {
    if (!this.map) return;
    this.drag();
    if (this.due) this.drawMap();
    this.due = false;
    this.drawRings();
  }

  drawMap() {
    const context = cleared(this.canvas, this.side, this.side);
    for (const layer of this.underlays) drawUnderlay(this, context, layer);
    this.drawPoints(context, paintPoints);
    drawPath(this, context);
    for (const mark of this.marks) drawMark(this, context, mark);
  }

  drawRings() {
    this.rings.draw(this, this.place, this.ghost);
  }

  /* The points, painted by paint(pad, context, side) if what was painted does not reach: onto a
     canvas of that side in CSS pixels, whose middle is the view's. */
  drawPoints(context, paint) {
    const margin = Math.round(MARGIN * this.side);
    const side = this.side + 2 * margin;
    let [right, down] = this.movedSince(this.painted);
    if (!(Math.max(Math.abs(right), Math.abs(down)) <= margin)) {
      paint(this, cleared(this.points, side, side), side);
      this.painted = this.view;
      [right, down] = [0, 0];
    }
    context.drawImage(this.points, right - margin, down - margin, side, side);
  }

  /* How far what was painted for a view has moved, in whole pixels of the display, counted in CSS
     pixels; NaN where it is of another size. */
  movedSince(view) {
    if (view?.half[0] !== this.view.half[0] || view.half[1] !== this.view.half[1])
      return [NaN, NaN];
    const whole = (pixels) => Math.round(pixels * devicePixelRatio) / devicePixelRatio;
    const [across, up] = this.scale;
    return [whole((view.x - this.view.x) * across), whole((this.view.y - view.y) * up)];
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

function paintPoints(pad, context, side) {
  const { theme, hidden, map } = pad;
  const radius = pad.dots * clamp(pad.side / (6 * Math.sqrt(map.count)), 2, 4.5);
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

/* The rings of the own point and of a hovering pointer: small canvases over the map, painted once
   per theme, which only move. */
class Rings {
  constructor(canvas) {
    this.layer = document.createElement("div");
    this.layer.style.cssText =
      "position: absolute; left: 0; bottom: 0; overflow: hidden; pointer-events: none; contain: strict";
    canvas.after(this.layer);
    this.own = this.ring();
    this.ghost = this.ring();
    this.arrow = this.ring();
  }

  ring() {
    const ring = document.createElement("canvas");
    ring.style.cssText = "position: absolute; display: none; will-change: transform";
    this.layer.append(ring);
    return ring;
  }

  /* The own point: a ring, or an arrow at the edge towards where it is out of view. */
  draw(pad, place, ghost) {
    this.fit(pad);
    const arrow = place && edgeArrow(pad.onScreen(place), [pad.side, pad.side], ARROW);
    move(this.own, place && !arrow && pad.onScreen(place));
    move(this.ghost, ghost && pad.onScreen(ghost));
    move(this.arrow, arrow?.at, arrow?.angle);
  }

  /* Paints them where theme, size or display are others. */
  fit({ side, theme }) {
    if (this.side !== side) this.layer.style.width = this.layer.style.height = `${side}px`;
    this.side = side;
    if (this.theme === theme && this.ratio === devicePixelRatio) return;
    Object.assign(this, { theme, ratio: devicePixelRatio });
    for (const [canvas, paint, strength] of [
      [this.own, paintRing, 1],
      [this.ghost, paintRing, 0.55],
      [this.arrow, paintArrow, 1],
    ]) {
      const context = cleared(canvas, RING, RING);
      context.translate(RING / 2, RING / 2);
      context.globalAlpha = strength;
      paint(context, theme);
    }
  }
}

/* Puts a ring's middle to a place in CSS pixels, whole pixels of the display; turned by an angle in
   radians. No place: out of sight. */
function move(ring, place, angle = 0) {
  ring.style.display = place ? "block" : "none";
  if (!place) return;
  const [x, y] = place.map(
    (at) => Math.round((at - RING / 2) * devicePixelRatio) / devicePixelRatio,
  );
  ring.style.transform = `translate(${x}px, ${y}px) rotate(${angle}rad)`;
}

function paintArrow(context, { background, accent }) {
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
  context.strokeStyle = background;
  context.stroke();
  context.fillStyle = accent;
  context.fill();
}

/* A ring with an empty middle, so that what lies under it is seen. */
function paintRing(context, { background, accent }) {
  for (const [style, width] of [
    [background, 7],
    [accent, 3.5],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(0, 0, 9, 0, 2 * Math.PI);
    context.stroke();
  }
}
