/* The live view's half without a screen: reading a message, remembering frames, laying out the
   panes. */

import { clamp } from "../numbers.js";
import { remembered } from "../films.js";
import { opened } from "../packing.js";

const GAP = 24; // between panes, in CSS pixels, as in component.css
const ABOVE_AND_BELOW = 450; // CSS pixels of a window's height that are not the map's
const LEAST_SIDE = 360; // CSS pixels of a map beside the losses, however low the window is
const EXPECTED_IMAGES = 16; // for which room is kept before the first epoch
export const STACK_GAP = 6; // between two stacks of images

export function unpacked(bytes) {
  const { header, next } = opened(bytes);
  const pixels = header.images * header.shape.reduce((a, b) => a * b);
  for (const frame of header.frames) frame.points = next(Float32Array, 2 * header.count);
  for (const frame of header.frames) frame.reconstructions = next(Uint8Array, pixels);
  return {
    ...header,
    labels: next(Uint16Array, header.count),
    originals: next(Uint8Array, pixels),
  };
}

/* All frames of the run that the page has, in the order of epochs. */
export function framesOf({ run, frames, labels, originals }) {
  const fits = (frame) =>
    frame.points.length === 2 * labels.length && frame.reconstructions.length === originals.length;
  return remembered(run, frames, fits).frames;
}

export function testAt({ curves }, epoch) {
  const test = curves.find((curve) => curve.kind === "test");
  const i = test ? test.epochs.indexOf(epoch) : -1;
  return i < 0 || test.values[i] === null ? null : { value: test.values[i], text: test.texts[i] };
}

/* The two frames around a place on the epochs, and how far it is from the first to the second. */
export function around(frames, epoch) {
  const after = frames.findIndex((frame) => frame.epoch >= epoch);
  const to = frames.at(after);
  const from = frames[Math.max(0, after - 1)];
  return {
    from,
    to,
    share: to === from ? 0 : clamp((epoch - from.epoch) / (to.epoch - from.epoch), 0, 1),
  };
}

/* ---- Layout ---- */

/* Sizes in CSS pixels in a window of that height. Images at whole multiples, 4 or 8 stacks in a row:
   whatever fills the room of map and images best. */
export function layoutFor(width, height, { images: count, shape: [, high, wide] }) {
  const images = count || EXPECTED_IMAGES;
  const name = width >= 1000 ? "wide" : width >= 500 ? "medium" : "narrow";
  const room = { wide: 0.66 * width - 2 * GAP, medium: width - GAP, narrow: width }[name];
  const most =
    name === "wide"
      ? Math.min(0.37 * width, Math.max(LEAST_SIDE, height - ABOVE_AND_BELOW), 620)
      : 460;
  const small = name === "wide" ? 320 : 200; // a map below this is too small
  const longer = Math.max(high, wide);
  const least = Math.ceil(40 / longer);
  let best = { score: -Infinity };
  for (const columns of [4, 8]) {
    for (let zoom = least; zoom === least || zoom * longer <= 96; zoom++) {
      const across = columns * (zoom * wide + STACK_GAP) - STACK_GAP;
      const down = Math.ceil(images / columns) * (2 * zoom * high + 1 + STACK_GAP) - STACK_GAP;
      const map = Math.floor(Math.min(most, name === "narrow" ? width : room - across));
      const beyond =
        Math.max(0, across - width, small - map) +
        (name === "narrow" ? 0 : Math.max(0, down - map - 72));
      const unused = name === "medium" ? room - across - map : 0; // where the losses cannot fill it
      const score = map * Math.abs(map) + across * down - 3000 * beyond - 200 * unused;
      if (score > best.score)
        best = { score, name, columns, zoom, images: across, down, map: Math.max(map, 120) };
    }
  }
  const loss = name === "wide" ? Math.floor(width - best.map - best.images - 2 * GAP) : width;
  return { ...best, loss, lossHeight: name === "wide" ? best.map : 220 };
}
