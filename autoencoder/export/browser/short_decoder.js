/* The short form of a decoder, in which large arrays are float16, as the bytes that decoder.js reads:
 * see decoder.py beside this folder.
 */
const SUBNORMAL = 2 ** -24; // the smallest float16 above 0
const REBIASED = 127 - 15; // from the exponents of float16 to those of float32

/* bytes: Uint8Array, and so is what comes back. */
export function lengthened(bytes) {
  const start = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const { counts } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const [whole, halved] = [1, -1].map((sign) =>
    counts.reduce((sum, count) => sum + Math.max(0, sign * count), 0),
  );
  const planes = start + 4 * whole;
  const halves = widened(bytes.subarray(planes, planes + halved), bytes.subarray(planes + halved));
  const floats = new Float32Array(bytes.slice(start, planes).buffer);
  const long = new Uint8Array(start + 4 * (whole + halved));
  long.set(bytes.subarray(0, start));
  let [at, inWhole, inHalved] = [start, 0, 0];
  for (const count of counts) {
    const array =
      count < 0
        ? halves.subarray(inHalved, (inHalved -= count))
        : floats.subarray(inWhole, (inWhole += count));
    long.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  return long;
}

/* float16 as float32; low, high: their bytes. */
function widened(low, high) {
  const floats = new Float32Array(low.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < low.length; i++) {
    const sign = (high[i] & 0x80) << 24;
    const exponent = (high[i] >> 2) & 0x1f;
    const fraction = ((high[i] & 3) << 8) | low[i];
    if (exponent) words[i] = sign | ((exponent + REBIASED) << 23) | (fraction << 13);
    else floats[i] = (sign ? -SUBNORMAL : SUBNORMAL) * fraction;
  }
  return floats;
}
