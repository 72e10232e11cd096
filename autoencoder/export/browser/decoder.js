/* A run's decoder: a latent in, an image out.
 *
 * It reads what decoder.py beside this folder writes (the format is described there) and depends on
 * nothing, so that it runs in a page, in a worker, in a stand-alone file and in Node. What makes it
 * fast: multiply-adds four at a time where WebAssembly can be had (simd_kernels.js); images are
 * channels-last inside; weights are put once in the order in which they are met; all that a decode
 * works on lies in one memory, which is made once.
 */
import { PANEL, activations, plainKernels } from "./kernels.js";
import { simdKernels } from "./simd_kernels.js";

export const fastestKernels = (size) => simdKernels(size) ?? plainKernels(size);

export class Decoder {
  /* bytes: Uint8Array. makeKernels(size): see kernels.js. */
  constructor(bytes, makeKernels = fastestKernels) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    const weights = new Float32Array(bytes.slice(4 + length).buffer);
    const plan = new Plan();
    this.latentDim = header.latent_dim;
    this.shape = header.shape; // [C, H, W]
    this.macs = header.macs;
    this.input = plan.room(header.latent_dim);
    this.steps = header.layers.map((layer) => step(layer, weights, plan));
    this.kernels = makeKernels(plan.size);
    plan.fill(this.kernels.floats);
  }

  /* z: latentDim numbers -> Float32Array (H, W, C): the next call writes over it. */
  decode(z) {
    const { floats } = this.kernels;
    floats.set(z, this.input);
    let at = this.input;
    for (const run of this.steps) at = run(this.kernels, at);
    return floats.subarray(at, at + sizeOf(this.shape));
  }
}

/* What will be in the memory: all of it is known before the memory is made. */
class Plan {
  size = 0; // numbers
  fills = [];

  /* The place of `count` numbers. write(floats): what is to be in them, from the first on. */
  room(count, write) {
    const at = this.size;
    this.size += PANEL * Math.ceil(count / PANEL);
    if (write) this.fills.push((floats) => write(floats.subarray(at, this.size)));
    return at;
  }

  fill(floats) {
    for (const write of this.fills) write(floats);
  }
}

const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);

/* A layer as a function from the place of its input to the place of its output, which is its own;
   activations and batch norms work in place. */
function step(layer, weights, plan) {
  if (layer.kind in LAYERS) return LAYERS[layer.kind](layer, weights, plan);
  if (!activations.includes(layer.kind)) throw new Error(`unknown layer: ${layer.kind}`);
  const count = sizeOf(layer.out_shape);
  return ({ activate }, x) => {
    activate(layer.kind, x, count, layer.slope);
    return x;
  };
}

const LAYERS = {
  linear,
  unflatten,
  conv_transpose: convTranspose,
  batch_norm: batchNorm,
  residual,
};

function linear({ in_shape: [n], out_shape: [m], weight, bias }, weights, plan) {
  const width = panelled(m);
  const w = plan.room(n * width, (floats) => inPanels(floats, weights, weight, n, m, 1, n));
  const b = plan.room(width, (floats) => floats.set(weights.subarray(bias, bias + m)));
  const y = plan.room(width);
  return ({ floats, addRow }, x) => {
    floats.copyWithin(y, b, b + width);
    addRow(x, n, w, y, width, width, 1);
    return y;
  };
}

/* A vector as an image: torch counts (C, H, W), we keep (H, W, C). */
function unflatten({ out_shape }, weights, plan) {
  const [channels, high, wide] = out_shape;
  const y = plan.room(sizeOf(out_shape));
  return ({ floats }, x) => {
    for (let c = 0, from = x; c < channels; c++) {
      for (let k = 0, to = y + c; k < high * wide; k++, to += channels) floats[to] = floats[from++];
    }
    return y;
  };
}

/* Each channel times a number, plus a number. */
function batchNorm({ out_shape, weight, bias }, weights) {
  const [count, channels] = [sizeOf(out_shape), out_shape[0]];
  return ({ floats }, x) => {
    for (let i = 0; i < count; i++) {
      const channel = i % channels;
      floats[x + i] = floats[x + i] * weights[weight + channel] + weights[bias + channel];
    }
    return x;
  };
}

/* What the branches make of the input, added up. Each has a copy of the input, since activations
   work in place. */
function residual({ in_shape, out_shape, branches }, weights, plan) {
  const [inputs, outputs] = [sizeOf(in_shape), sizeOf(out_shape)];
  const [copy, y] = [plan.room(inputs), plan.room(outputs)];
  const paths = branches.map((layers) => layers.map((layer) => step(layer, weights, plan)));
  return (kernels, x) => {
    const { floats } = kernels;
    floats.fill(0, y, y + outputs);
    for (const path of paths) {
      floats.copyWithin(copy, x, x + inputs);
      let z = copy;
      for (const run of path) z = run(kernels, z);
      for (let i = 0; i < outputs; i++) floats[y + i] += floats[z + i];
    }
    return y;
  };
}

/* Each input pixel paints the kernel's square onto the output: place by place of the kernel, whole
   rows of pixels at a time. */
function convTranspose(layer, weights, plan) {
  const { in_shape, out_shape, kernel, stride, padding, weight, bias } = layer;
  const [inputs, high, wide] = in_shape;
  const [outputs, tall, broad] = out_shape;
  const [width, area] = [panelled(outputs), kernel * kernel];
  const b = plan.room(width, (floats) => floats.set(weights.subarray(bias, bias + outputs)));
  const y = plan.room(tall * broad * width);
  const compact = width === outputs ? y : plan.room(sizeOf(out_shape));
  const strokes = [];
  for (let ky = 0; ky < kernel; ky++) {
    const [top, bottom] = reached(high, tall, ky, stride, padding);
    for (let kx = 0; kx < kernel; kx++) {
      const [left, right] = reached(wide, broad, kx, stride, padding);
      const place = weight + ky * kernel + kx;
      const w = plan.room(inputs * width, (floats) =>
        inPanels(floats, weights, place, inputs, outputs, outputs * area, area),
      );
      for (let i = top; i < bottom; i++) {
        const to = ((i * stride - padding + ky) * broad + left * stride - padding + kx) * width;
        strokes.push({ w, from: (i * wide + left) * inputs, to: y + to, pixels: right - left });
      }
    }
  }
  return ({ floats, addRow }, x) => {
    repeat(floats, b, width, y, tall * broad);
    for (const { w, from, to, pixels } of strokes)
      addRow(x + from, inputs, w, to, stride * width, width, pixels);
    if (compact !== y) narrow(floats, y, width, compact, outputs, tall * broad);
    return compact;
  };
}

/* The input places, first and one past the last, from which place k of the kernel falls on the
   output. */
function reached(inputs, outputs, k, stride, padding) {
  return [
    Math.ceil(Math.max(0, padding - k) / stride),
    Math.min(inputs, Math.floor((outputs - 1 + padding - k) / stride) + 1),
  ];
}

const panelled = (outputs) => PANEL * Math.ceil(outputs / PANEL);

/* Weights as kernels want them: (inputs, outputs), which lie so far apart from `first` on, as
   panels. */
function inPanels(floats, weights, first, inputs, outputs, perInput, perOutput) {
  for (let o = 0; o < outputs; o++) {
    let [from, to] = [first + o * perOutput, (o - (o % PANEL)) * inputs + (o % PANEL)];
    for (let i = 0; i < inputs; i++, from += perInput, to += PANEL) floats[to] = weights[from];
  }
}

/* A pixel's numbers, `pixels` times. */
function repeat(floats, from, width, to, pixels) {
  floats.copyWithin(to, from, from + width);
  for (let done = 1; done < pixels; done *= 2)
    floats.copyWithin(to + done * width, to, to + Math.min(done, pixels - done) * width);
}

/* Pixels of `width` numbers as pixels of the first `outputs` of them. */
function narrow(floats, from, width, to, outputs, pixels) {
  for (let k = 0; k < pixels; k++, from += width) {
    for (let o = 0; o < outputs; o++) floats[to++] = floats[from + o];
  }
}
