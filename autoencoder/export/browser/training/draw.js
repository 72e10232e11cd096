/* The live view's brush: map, images and loss curves on their canvases. */

import { cleared } from "../canvas.js";
import { clamp, mixed } from "../numbers.js";
import { STACK_GAP, around, testAt } from "./data.js";

const HAIRLINE = "#808080b0"; // shows on black and on white
const LEFT = 48,
  TOP = 10,
  RIGHT = 14,
  BOTTOM = 40; // margins of the loss plot

export function drawMap({
  map,
  frames,
  shown,
  layout: { map: side },
  message: { count, labels },
  hidden,
  theme: { classes },
}) {
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

export function drawImages({ images: canvas, sheet, layout, theme, message }, { reconstructions }) {
  const { images, originals, shape } = message;
  const [, high, wide] = shape;
  const ratio = devicePixelRatio;
  const context = cleared(canvas, layout.images, layout.down);
  // device pixels from here: a whole multiple is one on every screen
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.imageSmoothingEnabled = false;
  const zoom = Math.floor(layout.zoom * ratio);
  const [width, height, gap, hair] = [
    zoom * wide,
    zoom * high,
    Math.round(STACK_GAP * ratio),
    Math.round(ratio) || 1,
  ];
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

/* Images (I, C, H, W) side by side on a canvas, a row for each of `rows`; a row that is undefined
   stays transparent. */
function paintSheet(sheet, [channels, high, wide], images, rows) {
  [sheet.width, sheet.height] = [images * wide, rows.length * high];
  const context = sheet.getContext("2d");
  const tile = context.createImageData(wide, high);
  rows.forEach((pixels, row) => {
    for (let i = 0; pixels && i < images; i++) {
      for (let k = 0; k < tile.data.length; k++) {
        const channel = Math.min(k % 4, channels - 1); // grey is red, green and blue
        tile.data[k] =
          k % 4 === 3 ? 255 : pixels[(i * channels + channel) * high * wide + (k >> 2)];
      }
      context.putImageData(tile, i * wide, row * high);
    }
  });
}

/* ---- Losses ---- */

export function drawLosses({ loss, layout, message, frames, theme, range, mode, shown, newest }) {
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
  // what was later; else it just grows
  if (mode !== "follow" || shown >= newest) drawBetween(marker, layout.loss, 0.3);
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
    if (value !== null && plot.x(epochs[i]) <= plot.right)
      context[pen](plot.x(epochs[i]), plot.y(value));
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
    const last = values.findLastIndex(
      (value, i) => value !== null && plot.x(epochs[i]) <= plot.right,
    );
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
