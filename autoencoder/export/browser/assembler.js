/* A small assembler for WebAssembly: functions in the words of its text format, as the bytes of a
 * module. So what runs can be read, and nothing has to be built or installed.
 *
 * A body is a text of instructions as they run, operands first: "local.get x f32.const 2 f32.mul".
 * What an instruction takes from the text is the one word after it: the name of a local, a number,
 * how many blocks a branch leaves, or the offset of a load or store in bytes ("offset=16").
 */

// WebAssembly Core Specification 2.0, chapter 5, "Binary Format"
const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const CODES = {
  block: [0x02, 0x40], // 0x40: it leaves nothing on the stack
  loop: [0x03, 0x40],
  end: [0x0b],
  br: [0x0c],
  br_if: [0x0d],
  "local.get": [0x20],
  "local.set": [0x21],
  "i32.const": [0x41],
  "f32.const": [0x43],
  "i32.eqz": [0x45],
  "i32.lt_s": [0x48],
  "i32.ge_s": [0x4e],
  "i32.add": [0x6a],
  "i32.mul": [0x6c],
  "v128.load": [0xfd, 0x00],
  "v128.load32_splat": [0xfd, 0x09],
  "v128.store": [0xfd, 0x0b],
  "i32x4.splat": [0xfd, 0x11],
  "f32x4.splat": [0xfd, 0x13],
  "f32x4.nearest": [0xfd, 0x6a],
  "i32x4.shl": [0xfd, 0xab, 0x01],
  "i32x4.add": [0xfd, 0xae, 0x01],
  "f32x4.add": [0xfd, 0xe4, 0x01],
  "f32x4.sub": [0xfd, 0xe5, 0x01],
  "f32x4.mul": [0xfd, 0xe6, 0x01],
  "f32x4.div": [0xfd, 0xe7, 0x01],
  "f32x4.min": [0xfd, 0xe8, 0x01],
  "f32x4.max": [0xfd, 0xe9, 0x01],
  "i32x4.trunc_sat_f32x4_s": [0xfd, 0xf8, 0x01],
};
const FLOATS = 2; // the logarithm of 4 bytes: how numbers in memory are aligned
const local = (name, names) => unsigned(names.indexOf(name));
const number = (word) => unsigned(Number(word));
const place = (word) => [FLOATS, ...unsigned(Number(word.replace("offset=", "")))];
const WORDS = {
  br: number,
  br_if: number,
  "local.get": local,
  "local.set": local,
  "i32.const": (word) => signed(Number(word)),
  "f32.const": (word) => [...new Uint8Array(Float32Array.of(Number(word)).buffer)],
  "v128.load": place,
  "v128.load32_splat": place,
  "v128.store": place,
};

/* functions: {name: {params, locals: {name: type}, body}}, which return nothing. The module exports
   them all, and imports the memory that they work on as "page.memory". */
export function assembled(functions) {
  const all = Object.entries(functions);
  const types = all.map(([, { params }]) => [0x60, ...list(typesOf(params)), 0]);
  const exported = all.map(([name], i) => [...text(name), 0x00, ...unsigned(i)]);
  const memory = [...text("page"), ...text("memory"), 0x02, 0x00, 0x01];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      all.map((_, i) => unsigned(i)),
    ),
    ...section(7, exported),
    ...section(
      10,
      all.map(([, each]) => code(each)),
    ),
  ]);
}

const typesOf = (names) => Object.values(names).map((type) => [TYPES[type]]);
const section = (id, entries) => [id, ...sized(list(entries))];
const list = (entries) => [...unsigned(entries.length), ...entries.flat()];
const sized = (bytes) => [...unsigned(bytes.length), ...bytes];
const text = (letters) => sized([...new TextEncoder().encode(letters)]);

function code({ params, locals, body }) {
  const names = Object.keys({ ...params, ...locals });
  const words = body.trim().split(/\s+/);
  const bytes = list(typesOf(locals).map((type) => [1, ...type]));
  while (words.length) {
    const name = words.shift();
    bytes.push(...CODES[name]);
    if (name in WORDS) bytes.push(...WORDS[name](words.shift(), names));
  }
  return sized([...bytes, ...CODES.end]);
}

/* Numbers as LEB128: seven bits a byte, the lowest first, and a mark on all but the last. */
function unsigned(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value) {
  return value >= -0x40 && value < 0x40
    ? [value & 0x7f]
    : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
