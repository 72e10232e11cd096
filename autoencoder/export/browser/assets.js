/* What views draw from, as assets.py beside this folder writes it.
 *
 * Bytes as packing.py writes them; the header's `kind` tells what follows it:
 *   run     {id, images, latentDim: D, count, classes: [name], spacing, order: [D], dead: [D], bins,
 *           bytes}, then the decoder (uint8, as decoder.py writes it, `bytes` of them; its short
 *           form where the header is marked `short`), latents (float32, count x D), mean, low, high,
 *           importance (float32, D each), density (uint8, D x bins), plane (float32: two unit
 *           vectors of D; only for D > 2)
 *   images  {id, shape: [C, H, W], count, bytes}, then labels (uint16, count) and pixels (zlib,
 *           `bytes` of them; H x W x C each)
 *   map     {id, spacing, axes: [2], count}, then points (float32, count x 2)
 *   holes   {id, extent: [left, right, bottom, top], size}, then values (float32, size x size,
 *           from the bottom left, row by row)
 *   latents {id, latentDim, count, coded, measured, classes: [name], bytes}, then the decoder (if
 *           it has bytes), latents (float32, coded x D: the first), labels (uint16, count), errors
 *           (float32, count; of no meaning unless `measured`)
 *   values  {id, count}, then values (float32, count)
 */
import { LiveDecoder } from "./live_decoder.js";
import { opened } from "./packing.js";
import { lengthened } from "./short_decoder.js";

const READERS = {
  run({ header, next }) {
    const { latentDim: size, count, bins, bytes } = header;
    const stored = next(Uint8Array, bytes);
    const decoder = new LiveDecoder(header.short ? lengthened(stored) : stored);
    const latents = next(Float32Array, count * size);
    const [mean, low, high, importance] = [1, 2, 3, 4].map(() => next(Float32Array, size));
    const density = next(Uint8Array, size * bins);
    const plane = size > 2 ? [next(Float32Array, size), next(Float32Array, size)] : null;
    return { ...header, decoder, latents, mean, low, high, importance, density, plane };
  },
  async images({ header, next }) {
    const labels = next(Uint16Array, header.count);
    return { ...header, labels, pixels: await inflated(next(Uint8Array, header.bytes)) };
  },
  map: ({ header, next }) => ({ ...header, points: next(Float32Array, 2 * header.count) }),
  holes: ({ header, next }) => ({ ...header, values: next(Float32Array, header.size ** 2) }),
  latents({ header, next }) {
    const { latentDim: size, count, coded, bytes } = header;
    const decoder = bytes ? new LiveDecoder(next(Uint8Array, bytes)) : null;
    const latents = next(Float32Array, coded * size);
    return {
      ...header,
      decoder,
      latents,
      labels: next(Uint16Array, count),
      errors: next(Float32Array, count),
    };
  },
  values: ({ header, next }) => ({ ...header, values: next(Float32Array, header.count) }),
};

/* The asset that these bytes hold, once it is unpacked: {id, kind, ...}. */
export async function assetOf(bytes) {
  const message = opened(bytes);
  return READERS[message.header.kind](message);
}

/* What zlib has made smaller, as it was. */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
