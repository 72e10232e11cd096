/* Base 85 as Python's base64.b85encode writes it (RFC 1924's letters), with a comma for "<". */
const LETTERS =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";
const GROUP = 5; // letters for four bytes

const values = new Uint8Array(128);
[...LETTERS].forEach((letter, value) => (values[letter.charCodeAt(0)] = value));

/* The bytes of a text. What is missing of its last group are letters of the highest value. */
export function bytesOf(text) {
  const groups = Math.ceil(text.length / GROUP);
  const missing = groups * GROUP - text.length;
  const bytes = new Uint8Array(4 * groups);
  const view = new DataView(bytes.buffer);
  for (let group = 0, at = 0; group < groups; group++) {
    let word = 0;
    for (let k = 0; k < GROUP; k++, at++)
      word = word * LETTERS.length + (at < text.length ? values[text.charCodeAt(at)] : 84);
    view.setUint32(4 * group, word);
  }
  return bytes.subarray(0, bytes.length - missing);
}
