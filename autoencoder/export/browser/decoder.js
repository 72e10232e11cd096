/* A run's decoder in plain JavaScript: a latent in, an image out, a few milliseconds at most.
 *
 * It reads what decoder.py beside this file writes (the format is described there) and depends on
 * nothing, so that it runs in a page, in a stand-alone file and in Node. What makes it fast: images
 * are channels-last inside, weights are put in the order in which they are met once, two pixels and
 * four channels share what they load, and every buffer is made once.
 */
export class Decoder {
  /* bytes: Uint8Array. */
  constructor(bytes) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    const weights = new Float32Array(bytes.slice(4 + length).buffer);
    this.latentDim = header.latent_dim;
    this.shape = header.shape; // [C, H, W]
    this.macs = header.macs;
    this.steps = header.layers.map((layer) => step(layer, weights));
  }

  /* z: latentDim numbers -> Float32Array (H, W, C): the next call writes over it. */
  decode(z) {
    let x = Float32Array.from(z);
    for (const run of this.steps) x = run(x);
    return x;
  }
}

const ACTIVATIONS = {
  relu: (x) => (x > 0 ? x : 0),
  leaky_relu: (x, slope) => (x > 0 ? x : slope * x),
  silu: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

/* A layer as a function from its input to its output, a buffer of its own; activations work in
   place. */
function step(layer, weights) {
  if (layer.kind in LAYERS) return LAYERS[layer.kind](layer, weights);
  const activate = ACTIVATIONS[layer.kind];
  if (!activate) throw new Error(`unknown layer: ${layer.kind}`);
  return (x) => {
    for (let i = 0; i < x.length; i++) x[i] = activate(x[i], layer.slope);
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

function linear({ in_shape: [n], out_shape: [m], weight, bias }, weights) {
  const width = panelled(m);
  const w = panels(n, m, (i, o) => weights[weight + o * n + i]);
  const b = padded(weights.subarray(bias, bias + m), width);
  const y = new Float32Array(width);
  const out_shape = y.subarray(0, m);
  return (x) => {
    y.set(b);
    addPixel(x, 0, n, w, 0, y, 0, width);
    return out_shape;
  };
}

/* A vector as an image: torch counts (C, H, W), we keep (H, W, C). */
function unflatten({ out_shape: [channels, high, wide] }) {
  const y = new Float32Array(channels * high * wide);
  return (x) => {
    for (let c = 0, from = 0; c < channels; c++) {
      for (let to = c; to < y.length; to += channels) y[to] = x[from++];
    }
    return y;
  };
}

/* Each channel times a number, plus a number. */
function batchNorm({ out_shape: [channels], weight, bias }, weights) {
  return (x) => {
    for (let i = 0; i < x.length; i++) {
      const channel = i % channels;
      x[i] = x[i] * weights[weight + channel] + weights[bias + channel];
    }
    return x;
  };
}

/* What the branches make of the input, added up. Each has a copy of the input, since activations
   work in place. */
function residual({ in_shape, out_shape, branches }, weights) {
  const size = (shape) => shape.reduce((product, length) => product * length, 1);
  const input = new Float32Array(size(in_shape));
  const y = new Float32Array(size(out_shape));
  const paths = branches.map((layers) => layers.map((layer) => step(layer, weights)));
  return (x) => {
    y.fill(0);
    for (const path of paths) {
      input.set(x);
      let z = input;
      for (const run of path) z = run(z);
      for (let i = 0; i < y.length; i++) y[i] += z[i];
    }
    return y;
  };
}

/* Each input pixel paints the kernel's square onto the output: place by place of the kernel, whole
   rows of pixels at a time. */
function convTranspose({ in_shape, out_shape, kernel, stride, padding, weight, bias }, weights) {
  const [inputs, high, wide] = in_shape;
  const [outputs, tall, broad] = out_shape;
  const width = panelled(outputs);
  const b = padded(weights.subarray(bias, bias + outputs), width);
  const y = new Float32Array(tall * broad * width);
  const compact = new Float32Array(tall * broad * outputs);
  const strokes = [];
  for (let ky = 0; ky < kernel; ky++) {
    const [top, bottom] = reached(high, tall, ky, stride, padding);
    for (let kx = 0; kx < kernel; kx++) {
      const [left, right] = reached(wide, broad, kx, stride, padding);
      const place = ky * kernel + kx;
      const w = panels(
        inputs,
        outputs,
        (i, o) => weights[weight + (i * outputs + o) * kernel * kernel + place],
      );
      for (let i = top; i < bottom; i++) {
        const to = ((i * stride - padding + ky) * broad + left * stride - padding + kx) * width;
        strokes.push({ w, from: (i * wide + left) * inputs, to, pixels: right - left });
      }
    }
  }
  return (x) => {
    for (let to = 0; to < y.length; to += width) y.set(b, to);
    for (const { w, from, to, pixels } of strokes)
      addRow(x, from, inputs, w, y, to, stride * width, width, pixels);
    return width === outputs ? y : narrowed(y, width, compact, outputs);
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

/* ---- Weights (inputs, outputs) lie in panels: four outputs side by side, input after input, then
   the next four. ---- */

const panelled = (outputs) => 4 * Math.ceil(outputs / 4);

function padded(values, width) {
  const found = new Float32Array(width);
  found.set(values);
  return found;
}

function panels(inputs, outputs, weightOf) {
  const found = new Float32Array(inputs * panelled(outputs));
  for (let o = 0; o < outputs; o++) {
    for (let i = 0, at = (o - (o % 4)) * inputs + (o % 4); i < inputs; i++, at += 4)
      found[at] = weightOf(i, o);
  }
  return found;
}

function narrowed(y, width, compact, outputs) {
  for (let from = 0, to = 0; from < y.length; from += width) {
    for (let o = 0; o < outputs; o++) compact[to++] = y[from + o];
  }
  return compact;
}

/* y += x W for a row of pixels, which lie `inputs` apart in x and `gap` apart in y. */
function addRow(x, from, inputs, w, y, to, gap, width, pixels) {
  for (; pixels > 1; pixels -= 2, from += 2 * inputs, to += 2 * gap)
    addTwo(x, from, inputs, w, y, to, gap, width);
  if (pixels) addPixel(x, from, inputs, w, 0, y, to, width);
}

function addTwo(x, from, inputs, w, y, to, gap, width) {
  const end = from + inputs;
  for (let at = 0, o = to, p = to + gap; o < to + width; o += 4, p += 4) {
    let a0 = y[o],
      a1 = y[o + 1],
      a2 = y[o + 2],
      a3 = y[o + 3];
    let b0 = y[p],
      b1 = y[p + 1],
      b2 = y[p + 2],
      b3 = y[p + 3];
    for (let i = from; i < end; i++, at += 4) {
      const a = x[i],
        b = x[i + inputs];
      const w0 = w[at],
        w1 = w[at + 1],
        w2 = w[at + 2],
        w3 = w[at + 3];
      a0 += a * w0;
      a1 += a * w1;
      a2 += a * w2;
      a3 += a * w3;
      b0 += b * w0;
      b1 += b * w1;
      b2 += b * w2;
      b3 += b * w3;
    }
    [y[o], y[o + 1], y[o + 2], y[o + 3]] = [a0, a1, a2, a3];
    [y[p], y[p + 1], y[p + 2], y[p + 3]] = [b0, b1, b2, b3];
  }
}

function addPixel(x, from, inputs, w, at, y, to, width) {
  const end = from + inputs;
  for (let o = to; o < to + width; o += 4) {
    let a0 = y[o],
      a1 = y[o + 1],
      a2 = y[o + 2],
      a3 = y[o + 3];
    for (let i = from; i < end; i++, at += 4) {
      const a = x[i];
      a0 += a * w[at];
      a1 += a * w[at + 1];
      a2 += a * w[at + 2];
      a3 += a * w[at + 3];
    }
    [y[o], y[o + 1], y[o + 2], y[o + 3]] = [a0, a1, a2, a3];
  }
}
