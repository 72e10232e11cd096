/* The film's brush: the map between two steps, and the loss up to them. */

import { cleared } from "../../../export/browser/canvas.js";
import { clamp, digits, mixed } from "../../../export/browser/numbers.js";

const MARGIN = 0.04; // of a map's side, on each side of its points
const [LEFT, TOP, RIGHT, BOTTOM] = [44, 8, 12, 38]; // CSS pixels about the plot of the loss
const TICKS = 4; // on the loss axis, about
const LEAST = 1e-9; // of the loss at the top of its axis, for a file may say that all are 0

export function drawMap(
  { map, layout: { side }, message: { count, labels }, hidden, theme: { classes } },
  { from, to, share },
) {
  const context = cleared(map, side, side);
  const [lowX, lowY] = [0, 1].map((axis) => mixed(from.low[axis], to.low[axis], share));
  const scale = (side * (1 - 2 * MARGIN)) / mixed(from.side, to.side, share);
  const [a, b] = [from.points, to.points];
  const radius = clamp(side / (6 * Math.sqrt(count)), 1.6, 4.5);
  context.globalAlpha = 0.85;
  for (let i = 0; i < count; i++) {
    if (hidden.has(labels[i])) continue;
    const right = side * MARGIN + (mixed(a[2 * i], b[2 * i], share) - lowX) * scale;
    const down = side * (1 - MARGIN) - (mixed(a[2 * i + 1], b[2 * i + 1], share) - lowY) * scale;
    context.fillStyle = classes[labels[i] % classes.length];
    context.beginPath();
    context.arc(right, down, radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/* The whole curve, pale where it is yet to come, with a dot at the epoch that is shown. */
export function drawLoss(
  { loss, layout, film: { frames }, message: { epochs }, theme },
  epoch,
  value,
) {
  const context = cleared(loss, layout.loss, layout.lossHeight);
  context.font = `13px ${theme.font}`;
  const [right, bottom] = [layout.loss - RIGHT, layout.lossHeight - BOTTOM];
  const { most, ticks } = lossAxis(frames.map((frame) => frame.loss));
  const x = (at) => LEFT + (at / epochs) * (right - LEFT);
  const y = (at) => bottom - (at / most) * (bottom - TOP);
  drawAxes(context, { right, bottom, x, y, ticks, epochs }, theme);
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = theme.accent;
  for (const [low, high, strength] of [
    [0, x(epoch), 1],
    [x(epoch), layout.loss, 0.3],
  ]) {
    context.save();
    context.beginPath();
    context.rect(low, 0, high - low, layout.lossHeight);
    context.clip();
    context.globalAlpha = strength;
    context.beginPath();
    for (const frame of frames) context.lineTo(x(frame.epoch), y(frame.loss));
    context.stroke();
    context.restore();
  }
  context.beginPath();
  context.arc(x(epoch), y(value), 5, 0, 2 * Math.PI);
  context.fillStyle = theme.accent;
  context.fill();
}

function drawAxes(context, { right, bottom, x, y, ticks, epochs }, theme) {
  const line = (left, top, width, height) => {
    context.fillStyle = theme.border;
    context.fillRect(Math.round(left), Math.round(top), width, height);
    context.fillStyle = theme.text;
  };
  [context.textBaseline, context.textAlign] = ["middle", "right"];
  for (const tick of ticks) {
    line(LEFT, y(tick), right - LEFT, 1);
    context.fillText(tick ? digits(tick) : "0", LEFT - 8, y(tick));
  }
  line(LEFT, TOP, 1, bottom - TOP);
  context.textAlign = "center";
  for (const share of [0, 0.5, 1])
    context.fillText(Math.round(share * epochs), x(share * epochs) - 6 * share, bottom + 13);
  context.fillText("Epoch", (LEFT + right) / 2, bottom + 30);
}

/* The top of the axis of these losses, and its ticks, which are multiples of a round number. */
export function lossAxis(losses) {
  const most = Math.max(LEAST, 1.08 * Math.max(...losses));
  const step = roundStep(most / TICKS);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return { most, ticks };
}

/* The least of 1, 2 and 5 times a power of ten that is not below `size`. */
function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * [1, 2, 5, 10].find((times) => times * power >= size);
}
