/* The live view of the Decode page on a page of its own, over a run that is made up. live_view.py
 * beside this file makes that page.
 *
 * openLive({decoder, points, limits, plain}) shows it, and returns the decoder that it works with:
 *   decoder  what export/decoder.py writes, in base64
 *   points   how many test images are on the map, at most
 *   limits   see LIMITS in live_decoder.js
 *   plain    whether to decode as before there were workers and WebAssembly: on the page's thread,
 *            in plain JavaScript
 */
import { Decoder } from "../autoencoder/export/browser/decoder.js";
import { plainKernels } from "../autoencoder/export/browser/kernels.js";
import { LiveDecoder } from "../autoencoder/export/browser/live_decoder.js";
import { putAsset } from "../autoencoder/export/browser/asset_store.js";
import { default as mount } from "../autoencoder/ui/components/live/component.js";
import { uniform } from "../autoencoder/export/browser/random.js";

const CLASSES = 10;
const BINS = 32; // of a slider's hill
const MOST_BYTES = 4e6; // of pixels: as in assets.py

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function openLive({ decoder, points, limits, plain = false }) {
  const bytes = bytesOf(decoder);
  const live = plain ? new PlainDecoder(bytes) : new LiveDecoder(bytes, limits);
  const { latentDim, shape } = new Decoder(bytes);
  const pixels = shape.reduce((product, length) => product * length);
  const count = Math.min(points, Math.floor(MOST_BYTES / pixels));
  const next = uniform(0);
  const floats = (length, valueOf) => Float32Array.from({ length }, valueOf);
  const unit = (axis) => floats(latentDim, (_, i) => Number(i === axis));
  const labels = Uint16Array.from({ length: count }, () => Math.floor(CLASSES * next()));
  putAsset("images", {
    ...{ id: "images", shape, count, labels },
    pixels: Uint8Array.from({ length: count * pixels }, () => 256 * next()),
  });
  putAsset("run", {
    ...{ id: "run", images: "images", decoder: live, latentDim, count, spacing: 0.1 },
    classes: Array.from({ length: CLASSES }, (_, label) => String(label)),
    latents: floats(count * latentDim, () => 4 * next() - 2),
    mean: floats(latentDim, () => 0),
    low: floats(latentDim, () => -2),
    high: floats(latentDim, () => 2),
    importance: floats(latentDim, () => 1),
    density: new Uint8Array(latentDim * BINS).fill(200),
    order: Array.from({ length: latentDim }, (_, i) => i),
    dead: Array(latentDim).fill(false),
    bins: BINS,
    plane: latentDim > 2 ? [unit(0), unit(1)] : null,
  });
  const method = latentDim > 2 ? "pca" : "latents";
  const data = { run: "run", images: "images", method, latent: null, placed: 0, parts: "all" };
  const parentElement = document.querySelector("#view");
  mount({ data, parentElement, setTriggerValue: () => {} });
  return live;
}

class PlainDecoder {
  isQuick = true;
  isBusy = false;
  canFollow = true;
  note = "";

  constructor(bytes) {
    this.decoder = new Decoder(bytes, plainKernels);
  }

  ask(asker, latent, show) {
    show(this.decoder.decode(latent));
  }

  follow(asker, latent, show) {
    this.ask(asker, latent, show);
  }
}

Object.assign(globalThis, { openLive, bytesOf, Decoder, LiveDecoder, plainKernels });
