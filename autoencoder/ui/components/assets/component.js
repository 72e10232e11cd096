/* What the live components draw from, brought once by an invisible component and kept in the page.
 *
 * Contract: data -> nothing.
 *   data  bytes as packing.py writes them; the header's `kind` tells what follows it:
 *     run     {id, images, latentDim, count, classes: [name], spacing, order: [D], dead: [D], bins,
 *             bytes}, then the decoder (uint8, as export/decoder.py writes it, `bytes` of them),
 *             latents (float32, count x D), mean, low, high, importance (float32, D each), density
 *             (uint8, D x bins), plane (float32: two unit vectors of D; only for D > 2)
 *     images  {id, shape: [C, H, W], count, bytes}, then labels (uint16, count) and pixels (zlib,
 *             `bytes` of them; H x W x C each)
 *     map     {id, spacing, axes: [2], count}, then points (float32, count x 2)
 *     holes   {id, extent: [left, right, bottom, top], size}, then values (float32, size x size,
 *             from the bottom left, row by row)
 *     latents {id, latentDim, count, coded, measured, classes: [name], bytes}, then the decoder (if
 *             it has bytes), latents (float32, coded x D: the first), labels (uint16, count), errors
 *             (float32, count; of no meaning unless `measured`)
 *     values  {id, count}, then values (float32, count)
 */
import { LiveDecoder } from "../../../export/browser/live_decoder.js";
import { hasAsset, putAsset } from "../../../export/browser/asset_store.js";
import { opened } from "../../../export/browser/packing.js";

export default function ({ data, parentElement }) {
  parentElement
    .getRootNode()
    .host?.closest("[data-testid=stElementContainer]")
    ?.style.setProperty("display", "none");
  receive(opened(data));
}

const READERS = {
  run({ header, next }) {
    const { latentDim: size, count, bins, bytes } = header;
    const decoder = new LiveDecoder(next(Uint8Array, bytes));
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

async function receive(message) {
  const { id, kind } = message.header;
  if (!hasAsset(id)) putAsset(id, await READERS[kind](message));
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
