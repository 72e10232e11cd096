/* The kernels of kernels.js in WebAssembly, four numbers at a time. They are assembled when they are
 * first wanted, from the instructions below.
 */
import { assembled } from "./assembler.js";
import { PANEL } from "./kernels.js";

const BYTES = 4; // of a number
const VECTOR = PANEL * BYTES; // of as many numbers as an instruction takes at once
const PAGE = 65_536; // bytes: in pages WebAssembly counts memory
const AT_ONCE = { pixels: [4, 1], panels: [2, 1] }; // as many as there are left of, largest first

/* Kernels over a memory of `size` numbers; null where the browser has no WebAssembly with SIMD, or
   the page's Content-Security-Policy does not let it be used. */
export function simdKernels(size) {
  try {
    const memory = new WebAssembly.Memory({
      initial: Math.max(1, Math.ceil((size * BYTES) / PAGE)),
    });
    const instance = new WebAssembly.Instance(module(), { page: { memory } });
    const run = instance.exports;
    return {
      floats: new Float32Array(memory.buffer),
      addRow: (x, inputs, w, y, gap, width, pixels) =>
        run.addRow(4 * x, 4 * inputs, 4 * w, 4 * y, 4 * gap, 4 * width, pixels),
      activate: (kind, at, count, slope) => run[kind](4 * at, 4 * (at + count), slope),
    };
  } catch {
    return null;
  }
}

let compiled = null;
const module = () => (compiled ??= new WebAssembly.Module(assembled(functions())));

const functions = () => ({
  addRow: addRow(),
  relu: activation((x) => max(x, all(0))),
  leaky_relu: activation((x) => add(max(x, all(0)), mul(splat(get("slope")), min(x, all(0))))),
  silu: activation((x) => div(x, add(all(1), exp(mul(all(-1), x))))),
  sigmoid: activation((x) => div(all(1), add(all(1), exp(mul(all(-1), x))))),
  // 2 / (1 + exp(-2 x)) - 1
  tanh: activation((x) => sub(div(all(2), add(all(1), exp(mul(all(-2), x)))), all(1))),
});

/* ---- Texts of instructions for assembler.js. ---- */

const lines = (...texts) => texts.flat(Infinity).join("\n");
const times = (count, text) => Array.from({ length: count }, (_, i) => text(i));

const get = (name) => `local.get ${name}`;
const set = (name, value) => `${value} local.set ${name}`;
const integer = (value) => `i32.const ${value}`;
const sum = (a, b) => `${a} ${b} i32.add`;
const product = (a, b) => `${a} ${b} i32.mul`;
const isLess = (a, b) => `${a} ${b} i32.lt_s`;
const isAtLeast = (a, b) => `${a} ${b} i32.ge_s`;

const load = (place, offset = 0) => `${place} v128.load offset=${offset}`;
const store = (place, value, offset = 0) => `${place} ${value} v128.store offset=${offset}`;
const splat = (value) => `${value} f32x4.splat`; // one number four times
const all = (value) => splat(`f32.const ${value}`);
const add = (a, b) => `${a} ${b} f32x4.add`;
const sub = (a, b) => `${a} ${b} f32x4.sub`;
const mul = (a, b) => `${a} ${b} f32x4.mul`;
const div = (a, b) => `${a} ${b} f32x4.div`;
const min = (a, b) => `${a} ${b} f32x4.min`;
const max = (a, b) => `${a} ${b} f32x4.max`;

/* The body again and again, while the condition holds. */
const loop = (condition, ...body) =>
  lines("block loop", condition, "i32.eqz br_if 1", body, "br 0 end end");

/* ---- Activations ---- */

/* A function of the numbers from `at` to `end`, in place. */
function activation(valueOf) {
  return {
    params: { at: "i32", end: "i32", slope: "f32" },
    locals: { x: "v128", n: "v128", r: "v128" },
    body: loop(
      isLess(get("at"), get("end")),
      set("x", load(get("at"))),
      store(get("at"), valueOf(get("x"))),
      set("at", sum(get("at"), integer(VECTOR))),
    ),
  };
}

// exp(r) for |r| up to log(2) / 2, the highest power first: Moshier's Cephes library, expf
const SERIES = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 0.16666665459, 0.50000001201, 1,
  1,
];

/* exp(x) = 2^n exp(r), to about 1e-7 of itself. */
function exp(x) {
  const [n, r] = [get("n"), get("r")];
  const integers = `${n} i32x4.trunc_sat_f32x4_s`;
  return lines(
    set("r", min(max(x, all(-87)), all(88))),
    set("n", `${mul(r, all(Math.LOG2E))} f32x4.nearest`),
    set("r", sub(r, mul(n, all(0.693359375)))), // log(2) in two parts, of which this is exact
    set("r", sub(r, mul(n, all(-2.1219444e-4)))),
    SERIES.map(all).reduce((value, factor) => add(mul(value, r), factor)),
    `${integers} ${integer(127)} i32x4.splat i32x4.add ${integer(23)} i32x4.shl`, // 2^n
    "f32x4.mul",
  );
}

/* ---- Multiply-adds ---- */

const INTEGERS = ["x", "inputs", "w", "y", "gap", "width", "pixels"];
const sumOf = (pixel, panel) => `sum${pixel}${panel}`;

/* As in kernels.js, but with lengths in bytes. */
function addRow() {
  const [mostPixels, mostPanels] = [AT_ONCE.pixels[0], AT_ONCE.panels[0]];
  const sums = times(mostPixels, (pixel) => times(mostPanels, (panel) => sumOf(pixel, panel)));
  const vectors = [...sums.flat(), ...times(mostPanels, (panel) => `w${panel}`), "input"];
  const typed = (names, type) => Object.fromEntries(names.map((name) => [name, type]));
  return {
    params: typed(INTEGERS, "i32"),
    locals: { ...typed(["from", "to", "left", "i"], "i32"), ...typed(vectors, "v128") },
    body: lines(AT_ONCE.pixels.map(somePixels)),
  };
}

function somePixels(pixels) {
  return loop(
    isAtLeast(get("pixels"), integer(pixels)),
    set("from", get("w")),
    set("to", get("y")),
    set("left", get("width")),
    AT_ONCE.panels.map((panels) =>
      loop(isAtLeast(get("left"), integer(panels * VECTOR)), tile(pixels, panels)),
    ),
    set("x", sum(get("x"), product(get("inputs"), integer(pixels)))),
    set("y", sum(get("y"), product(get("gap"), integer(pixels)))),
    set("pixels", sum(get("pixels"), integer(-pixels))),
  );
}

/* What is summed stays in registers, and a vector that is loaded serves a whole row or column of
   the tile. */
function tile(pixels, panels) {
  const output = (pixel) => sum(get("to"), product(get("gap"), integer(pixel)));
  const input = (pixel) => sum(sum(get("x"), get("i")), product(get("inputs"), integer(pixel)));
  const weights = (panel) =>
    sum(
      get("from"),
      product(sum(get("i"), product(get("inputs"), integer(panel))), integer(PANEL)),
    );
  const everySum = (text) => times(pixels, (pixel) => times(panels, (panel) => text(pixel, panel)));
  return [
    everySum((pixel, panel) => set(sumOf(pixel, panel), load(output(pixel), panel * VECTOR))),
    set("i", integer(0)),
    loop(
      isLess(get("i"), get("inputs")),
      times(panels, (panel) => set(`w${panel}`, load(weights(panel)))),
      times(pixels, (pixel) => [
        set("input", `${input(pixel)} v128.load32_splat offset=0`),
        times(panels, (panel) =>
          set(
            sumOf(pixel, panel),
            add(get(sumOf(pixel, panel)), mul(get("input"), get(`w${panel}`))),
          ),
        ),
      ]),
      set("i", sum(get("i"), integer(BYTES))),
    ),
    everySum((pixel, panel) => store(output(pixel), get(sumOf(pixel, panel)), panel * VECTOR)),
    set("to", sum(get("to"), integer(panels * VECTOR))),
    set("from", sum(get("from"), product(get("inputs"), integer(panels * PANEL)))),
    set("left", sum(get("left"), integer(-panels * VECTOR))),
  ];
}
