/* A map's points: discs in their colours, or thumbnails, one per cell of a grid. */
import { disc, paint, zoomFor } from "./canvas.js";
import { occupied } from "./geometry.js";
import { clamp } from "./numbers.js";

const FADED = 0.13; // opacity of what is not selected, while something is
const THUMB = 26; // CSS pixels, about, of a thumbnail
const FILLED = 0.5; // of a map, at most, by thumbnails of twice that size
const SHADES = 64; // of the sequential palette
export const MOST_TILES = 6_000; // thumbnails that are kept painted

/* Discs: what is selected over what is not; greater values over smaller ones. */
export function paintDiscs(pad, context, side) {
  const { host, map, view } = pad;
  const radius =
    clamp(pad.side / (6 * Math.sqrt(map.count)), 1.9, 5) *
    clamp(Math.sqrt(pad.home.half[0] / view.half[0]), 1, 1.8);
  const [across, up] = pad.scale;
  const some = host.selected.size > 0;
  const order = host.order.filter((i) => i < map.count);
  for (const chosen of some ? [false, true] : [true]) {
    context.globalAlpha = chosen ? 0.85 : FADED;
    for (const i of order) {
      if ((some && host.selected.has(i) !== chosen) || !pad.shown(i)) continue;
      const right = side / 2 + (map.points[2 * i] - view.x) * across;
      const down = side / 2 - (map.points[2 * i + 1] - view.y) * up;
      if (right < -radius || down < -radius || right > side + radius || down > side + radius)
        continue;
      context.fillStyle = host.colours[i];
      context.beginPath();
      context.arc(right, down, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

/* Thumbnails, as many as fit without covering each other; a point without an image is a disc. */
export function paintThumbs(pad, context, side) {
  const { host, map, view } = pad;
  const [, high, wide] = host.images.shape;
  const [across, up] = pad.scale;
  const within = (i, room) =>
    Math.abs(map.points[2 * i] - view.x) * across < room / 2 &&
    Math.abs(map.points[2 * i + 1] - view.y) * up < room / 2;
  const shown = (i) => pad.shown(i) && within(i, side);
  const inView = host.order.filter((i) => i < map.count && pad.shown(i) && within(i, pad.side));
  const zoom = thumbZoom(host.images.shape, pad.side, inView.length);
  const size = Math.max(high, wide) * zoom + 2;
  pad.cell = [size / across, size / up];
  pad.tiles = occupied(map.points, pad.cell, shown, (i) => host.selected.has(i));
  context.imageSmoothingEnabled = zoom < 1;
  for (const { index, column, row } of pad.tiles.values()) {
    const x = Math.round(side / 2 + (column * pad.cell[0] - view.x) * across) + 1;
    const y = Math.round(side / 2 - ((row + 1) * pad.cell[1] - view.y) * up) + 1;
    context.globalAlpha = host.selected.size && !host.selected.has(index) ? 2 * FADED : 1;
    const tile = host.tile(index);
    if (tile) context.drawImage(tile, x, y, wide * zoom, high * zoom);
    else disc(context, x + size / 2, y + size / 2, 4, host.colours[index]);
  }
  context.globalAlpha = 1;
}

/* The whole multiple at which thumbnails are drawn: twice the usual one where `count` images leave
   room for that. */
function thumbZoom(shape, side, count) {
  const usual = zoomFor(shape, THUMB);
  const large = 2 * usual * Math.max(shape[1], shape[2]);
  return count * large ** 2 < FILLED * side ** 2 ? 2 * usual : usual;
}

/* A test image as a small canvas: a grey one as ink in the point's colour, a coloured one as it is,
   framed. */
export function inked(images, index, colour) {
  const [channels, high, wide] = images.shape;
  const tile = document.createElement("canvas");
  paint(tile, images.pixels, images.shape, index * channels * high * wide);
  const context = tile.getContext("2d");
  if (channels === 3) {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(0, 0, wide, high);
    return tile;
  }
  const picture = context.getImageData(0, 0, wide, high);
  for (let k = 0; k < picture.data.length; k += 4) picture.data[k + 3] = picture.data[k];
  context.putImageData(picture, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, wide, high);
  return tile;
}

/* The colour of each point: of its class, of its cluster, or of its value on the theme's sequential
   palette. */
export function coloursOf(host) {
  const { theme, labels, values, data } = host;
  const { kind, low, high } = data.colour;
  if (kind === "class")
    return Array.from(labels, (label) => theme.classes[label % theme.classes.length]);
  if (kind === "group")
    return Array.from(values, (value) => theme.classes[value % theme.classes.length]);
  const shades = shadesOf(theme.shades);
  return Array.from(
    values,
    (value) => shades[Math.round((SHADES - 1) * clamp((value - low) / (high - low || 1), 0, 1))],
  );
}

/* A palette as SHADES colours, evenly between its own. */
function shadesOf(palette) {
  const strip = document.createElement("canvas");
  [strip.width, strip.height] = [SHADES, 1];
  const context = strip.getContext("2d");
  const gradient = context.createLinearGradient(0, 0, SHADES, 0);
  palette.forEach((colour, k) => gradient.addColorStop(k / (palette.length - 1), colour));
  context.fillStyle = gradient;
  context.fillRect(0, 0, SHADES, 1);
  const { data } = context.getImageData(0, 0, SHADES, 1);
  return Array.from(
    { length: SHADES },
    (_, k) => `rgb(${data[4 * k]} ${data[4 * k + 1]} ${data[4 * k + 2]})`,
  );
}

/* Points in the order in which they are painted: greater values last. */
export function orderOf({ labels, values, data }) {
  const order = Array.from(labels.keys());
  return data.colour.kind === "value" ? order.sort((a, b) => values[a] - values[b]) : order;
}
