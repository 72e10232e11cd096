/* A zip whose entries are stored as they are: images do not get smaller by packing.
 *
 * Written after the format's description, APPNOTE.TXT 6.3.10 by PKWARE, sections 4.3.7 to 4.3.16.
 */

const LOCAL = 0x04034b50,
  CENTRAL = 0x02014b50,
  END = 0x06054b50,
  END_64 = 0x06064b50,
  LOCATOR_64 = 0x07064b50;
const UTF_8 = 1 << 11; // flag: names are UTF-8
const MANY = 0xffff; // entries, from which their number stands in a record of its own
const DAY_ONE = 0x21; // 1980-01-01, as zip writes dates
const SAID_EVERY = 200; // files

/* The zip, a Blob, of files [path, Blob]; said(done) hears how many are read. A file's own bytes
   stay where they are: the Blob refers to them. At most 4 GB. */
export async function packed(files, said = () => {}) {
  const parts = [];
  const directory = [];
  let place = 0;
  for (const [index, [path, file]] of files.entries()) {
    if (index % SAID_EVERY === 0) said(index);
    const name = new TextEncoder().encode(path);
    const checksum = crc32(new Uint8Array(await file.arrayBuffer()));
    const common = [
      [2, 20], // the version that it needs
      [2, UTF_8],
      [2, 0], // stored
      [2, 0],
      [2, DAY_ONE],
      [4, checksum],
      [4, file.size],
      [4, file.size],
      [2, name.length],
      [2, 0],
    ];
    const local = record([[4, LOCAL], ...common]);
    parts.push(local, name, file);
    const rest = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, place],
    ];
    directory.push(record([[4, CENTRAL], [2, 20], ...common, ...rest]), name);
    place += local.length + name.length + file.size;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  return new Blob([...parts, ...directory, ...ends(files.length, size, place)]);
}

/* The records at the end: how many entries there are, and where their directory is. */
function ends(count, size, place) {
  const shown = Math.min(count, MANY);
  const end = record([
    [4, END],
    [2, 0],
    [2, 0],
    [2, shown],
    [2, shown],
    [4, size],
    [4, place],
    [2, 0],
  ]);
  if (count < MANY) return [end];
  const end64 = record([
    [4, END_64],
    [8, 44], // bytes that follow
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, place],
  ]);
  const locator = record([
    [4, LOCATOR_64],
    [4, 0],
    [8, place + size],
    [4, 1],
  ]);
  return [end64, locator, end];
}

/* Numbers as bytes, each [how many bytes, value], the lowest byte first. */
function record(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/* CRC-32 as zip and PNG have it, of bytes. */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
