/* A map of points: a Pad on which points are looked at and selected instead of being dragged.
 *
 * Tools: "move" shifts the view, "box" and "lasso" select what they surround. Shift adds to the
 * selection, and makes a drag a lasso with any tool but the box. The arrow keys go from point to
 * point, Enter selects, Escape clears, + - 0 zoom.
 */
import { cleared, disc } from "./canvas.js";
import { boxOf, insideLasso, nextPoint } from "./geometry.js";
import { lineToLabel, placeLabels, shortName } from "./label_layout.js";
import { paintDiscs, paintThumbs } from "./map_paint.js";
import { Pad, STILL } from "./pad.js";

export const MOST_LABELS = 50; // classes whose names are written on a map
const LARGE_LABELS = 20; // classes, up to which their names are large
const EDGE = 24; // CSS pixels from the edge, within which the view follows the keys
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class SelectableMap extends Pad {
  /* host: holds what linked maps share: hidden classes, selection, point in focus, colours, tool;
     it is told what was looked at, clicked and selected. */
  constructor(canvas, host) {
    super(canvas, { ask: () => host.ask() });
    this.host = host;
    this.outline = []; // of the box or lasso that is being drawn: places
  }

  shown(i) {
    return !this.host.hidden.has(this.map.labels[i]);
  }

  /* Index of the point, or thumbnail, under an event; -1 if there is none. */
  under(event) {
    const place = this.onMap(event);
    if (!this.host.thumbs) return this.pointAt(place);
    const [column, row] = this.cell.map((size, axis) => Math.floor(place[axis] / size));
    return this.tiles?.get(`${column},${row}`)?.index ?? -1;
  }

  /* ---- Gestures ---- */

  press(event) {
    super.press(event);
    this.adds = event.shiftKey;
    if (this.gesture === "pinch") return void (this.outline = []);
    const { tool } = this.host;
    if (event.button === 1) this.gesture = "pan";
    else
      this.gesture =
        tool === "box" ? "box" : event.shiftKey || tool === "lasso" ? "lasso" : "press";
    this.outline = [this.onMap(event)];
  }

  travel(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.host.look(this.under(event), this);
    const now = [event.clientX, event.clientY];
    const far = Math.hypot(now[0] - this.origin[0], now[1] - this.origin[1]) > STILL;
    this.moved = far || (this.moved && this.gesture !== "press");
    if (this.gesture === "press" && far) this.gesture = "pan";
    if (this.gesture === "pinch") this.pinch(event.pointerId, now);
    else if (this.gesture === "pan") this.shift(now[0] - before[0], now[1] - before[1]);
    else if (this.gesture === "lasso") this.outline.push(this.onMap(event));
    else if (this.gesture === "box") this.outline = boxOf(this.outline[0], this.onMap(event));
    if (far) this.host.look(-1, this);
    this.fingers.set(event.pointerId, now);
    if (this.outline.length > 1) this.redraw();
  }

  release(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const { gesture, moved, outline } = this;
    [this.gesture, this.moved, this.outline] = [null, false, []];
    this.redraw();
    if (event.type !== "pointerup") return;
    const surrounds = gesture === "lasso" || gesture === "box";
    if (surrounds && moved)
      this.host.select(
        insideLasso(this.map.points, outline, (i) => this.shown(i)),
        this.adds,
      );
    else if (gesture === "press" || surrounds) this.host.click(this.under(event), this.adds);
  }

  hover(place) {
    if (!place) this.host.look(-1, this);
  }

  key(event) {
    const direction = DIRECTIONS[event.key];
    if (direction) this.step(direction);
    else if (event.key === "Enter" || event.key === " ") this.host.click(this.host.focus, true);
    else if (event.key === "Escape") this.host.select([], false);
    else return super.key(event);
    event.preventDefault();
  }

  /* From the point in focus, or from the middle of the view, to the next one that way. */
  step(direction) {
    const { focus } = this.host;
    const start = focus >= 0 && focus < this.map.count ? focus : this.middlemost();
    const to =
      focus >= 0 ? nextPoint(this.map.points, start, direction, (i) => this.shown(i)) : start;
    if (to < 0) return;
    this.follow(this.placeAt(to));
    this.host.look(to, this, true);
  }

  middlemost() {
    let [index, least] = [-1, Infinity];
    for (let i = 0; i < this.map.count; i++) {
      const [x, y] = this.placeAt(i);
      const square = (x - this.view.x) ** 2 + (y - this.view.y) ** 2;
      if (square < least && this.shown(i)) [index, least] = [i, square];
    }
    return index;
  }

  follow(place) {
    const [x, y] = this.onScreen(place);
    const over = (at) =>
      at < EDGE ? EDGE - at : at > this.side - EDGE ? this.side - EDGE - at : 0;
    if (over(x) || over(y)) this.shift(over(x), over(y));
  }

  placeAt(i) {
    return [this.map.points[2 * i], this.map.points[2 * i + 1]];
  }

  changed() {
    super.changed();
    this.host.look(-1, this);
  }

  /* ---- Drawing ---- */

  drawMap() {
    const context = cleared(this.canvas, this.side, this.side);
    this.drawPoints(context, this.host.thumbs ? paintThumbs : paintDiscs);
    if (this.host.labelled) drawNames(this, context);
    drawAxes(this, context);
    drawOutline(this, context);
  }

  drawRings() {
    const { focus } = this.host;
    const there = focus >= 0 && focus < this.map.count && this.shown(focus);
    this.rings.draw(this, there ? this.ringAt(focus) : null, null);
  }

  /* Where the ring of a point goes: about its thumbnail, if it has one. */
  ringAt(index) {
    const tile =
      this.host.thumbs && [...(this.tiles?.values() ?? [])].find((each) => each.index === index);
    return tile
      ? [(tile.column + 0.5) * this.cell[0], (tile.row + 0.5) * this.cell[1]]
      : this.placeAt(index);
  }
}

/* The polygon of a drag: dashed, filled a little. */
function drawOutline(pad, context) {
  if (pad.outline.length < 2) return;
  context.beginPath();
  for (const place of pad.outline) context.lineTo(...pad.onScreen(place));
  context.closePath();
  context.globalAlpha = 0.12;
  context.fillStyle = context.strokeStyle = pad.theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
}

/* What the axes are called, along them. */
function drawAxes(pad, context) {
  const [across, up] = pad.map.axes;
  if (!across) return;
  context.font = `12px ${pad.theme.font}`;
  context.fillStyle = pad.theme.text;
  context.globalAlpha = 0.62;
  [context.textAlign, context.textBaseline] = ["right", "bottom"];
  context.fillText(`${across} →`, pad.side - 8, pad.side - 6);
  context.save();
  context.translate(6, 8);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "top";
  context.fillText(`${up} →`, 0, 0);
  context.restore();
  context.globalAlpha = 1;
}

/* Each class's name where its points are; where names would cover each other, beside that with a
   line. */
function drawNames(pad, context) {
  const { names, hidden } = pad.host;
  const height = names.length > LARGE_LABELS ? 12 : 15;
  context.font = `700 ${height}px ${pad.theme.font}`;
  [context.textAlign, context.textBaseline, context.lineJoin] = ["center", "middle", "round"];
  const labels = pad.middles
    .filter(({ label }) => !hidden.has(label))
    .map(({ label, place }) => ({ name: shortName(names[label]), anchor: pad.onScreen(place) }))
    .filter(({ anchor }) => anchor.every((at) => at >= 0 && at <= pad.side));
  const boxes = labels.map(({ name }) => [context.measureText(name).width + 4, height + 3]);
  const anchors = labels.map(({ anchor }) => anchor);
  const middles = placeLabels(boxes, anchors, [pad.side, pad.side]);
  anchors.forEach((anchor, i) => {
    const line = lineToLabel(anchor, middles[i], boxes[i]);
    if (line) drawLine(pad, context, line);
  });
  labels.forEach(({ name }, i) => {
    context.lineWidth = 5;
    context.strokeStyle = pad.theme.background;
    context.strokeText(name, ...middles[i]);
    context.fillStyle = pad.theme.text;
    context.fillText(name, ...middles[i]);
  });
}

/* A thin line with a dot at its beginning. */
function drawLine(pad, context, [from, to]) {
  for (const [style, width] of [
    [pad.theme.background, 3.5],
    [pad.theme.text, 1.25],
  ]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    disc(context, ...from, 1.25 + width / 2, style);
  }
}

/* The middle of each class on a map: its medoid among some of its points, largest class first:
   [{label, place}]. */
export function middlesOf({ points, labels, count }, classes) {
  const members = Array.from({ length: classes }, () => []);
  for (let i = 0; i < count; i++) members[labels[i]].push(i);
  const found = members.map((own, label) => ({
    label,
    size: own.length,
    place: medoid(points, own),
  }));
  return found.filter(({ size }) => size).sort((a, b) => b.size - a.size);
}

const COMPARED = 150; // points of a class among which its middle is looked for

function medoid(points, members) {
  const every = Math.max(1, Math.ceil(members.length / COMPARED));
  const some = members.filter((_, rank) => rank % every === 0);
  const apart = (i, j) =>
    Math.hypot(points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1]);
  const sums = some.map((i) => some.reduce((sum, j) => sum + apart(i, j), 0));
  const best = some[sums.indexOf(Math.min(...sums))] ?? 0;
  return [points[2 * best], points[2 * best + 1]];
}
