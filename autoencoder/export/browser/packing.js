/* Bytes as packing.py beside this file writes them: the header, and a function that hands out the
   arrays in their order. */
export function opened(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const next = (Type, count) => {
    const size = count * Type.BYTES_PER_ELEMENT;
    // a copy, for a view must start at a multiple of its size
    return new Type(bytes.slice(at, (at += size)).buffer);
  };
  return { header, next };
}
