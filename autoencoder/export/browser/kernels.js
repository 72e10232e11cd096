/* What a decoder spends its time on, in plain JavaScript: the fall back for browsers without
 * WebAssembly and SIMD, and what simd_kernels.js is tested against.
 *
 * Kernels work on a memory of their own, `floats`. A place is an index of it.
 *   addRow    y += x W for a row of pixels, which lie `inputs` apart in x and `gap` apart in y; an
 *             output pixel has `width` numbers. W (inputs, width) lies in panels: four outputs side
 *             by side, input after input, then the next four outputs
 *   activate  an activation of `count` numbers from a place on, in place; those after them, up to a
 *             multiple of four, may change, too
 */
export const PANEL = 4; // outputs

const ACTIVATIONS = {
  relu: (x) => (x > 0 ? x : 0),
  leaky_relu: (x, slope) => (x > 0 ? x : slope * x),
  silu: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

export const activations = Object.keys(ACTIVATIONS);

/* Kernels over a memory of `size` numbers. */
export function plainKernels(size) {
  const floats = new Float32Array(size);
  return {
    floats,
    addRow(x, inputs, w, y, gap, width, pixels) {
      let left = pixels;
      for (; left > 1; left -= 2, x += 2 * inputs, y += 2 * gap)
        addTwo(floats, x, inputs, w, y, gap, width);
      if (left) addOne(floats, x, inputs, w, y, width);
    },
    activate(kind, at, count, slope) {
      const valueOf = ACTIVATIONS[kind];
      for (let i = at; i < at + count; i++) floats[i] = valueOf(floats[i], slope);
    },
  };
}

/* Two pixels share the weights that are loaded, and four outputs an input. */
function addTwo(floats, from, inputs, w, y, gap, width) {
  const end = from + inputs;
  for (let at = w, o = y, p = y + gap; o < y + width; o += PANEL, p += PANEL) {
    let a0 = floats[o],
      a1 = floats[o + 1],
      a2 = floats[o + 2],
      a3 = floats[o + 3];
    let b0 = floats[p],
      b1 = floats[p + 1],
      b2 = floats[p + 2],
      b3 = floats[p + 3];
    for (let i = from; i < end; i++, at += PANEL) {
      const a = floats[i],
        b = floats[i + inputs];
      const w0 = floats[at],
        w1 = floats[at + 1],
        w2 = floats[at + 2],
        w3 = floats[at + 3];
      a0 += a * w0;
      a1 += a * w1;
      a2 += a * w2;
      a3 += a * w3;
      b0 += b * w0;
      b1 += b * w1;
      b2 += b * w2;
      b3 += b * w3;
    }
    [floats[o], floats[o + 1], floats[o + 2], floats[o + 3]] = [a0, a1, a2, a3];
    [floats[p], floats[p + 1], floats[p + 2], floats[p + 3]] = [b0, b1, b2, b3];
  }
}

function addOne(floats, from, inputs, w, y, width) {
  const end = from + inputs;
  for (let at = w, o = y; o < y + width; o += PANEL) {
    let a0 = floats[o],
      a1 = floats[o + 1],
      a2 = floats[o + 2],
      a3 = floats[o + 3];
    for (let i = from; i < end; i++, at += PANEL) {
      const a = floats[i];
      a0 += a * floats[at];
      a1 += a * floats[at + 1];
      a2 += a * floats[at + 2];
      a3 += a * floats[at + 3];
    }
    [floats[o], floats[o + 1], floats[o + 2], floats[o + 3]] = [a0, a1, a2, a3];
  }
}
