/* What the components share: reading bytes from Python, the theme, canvases, images, small things. Joined to each of them. */

/* What a component exports: one instance per element, however often Streamlit calls. The cleanup of one call may come after the
   next call, and then does nothing. make(element): an object with update(data, trigger) and stop(). */
function mounted(place, make) {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    const root = parentElement.querySelector(place);
    if (!instances.has(root)) instances.set(root, { it: make(root), calls: 0 });
    const instance = instances.get(root);
    const call = ++instance.calls;
    instance.it.update(data, setTriggerValue);
    return () => call === instance.calls && instance.it.stop();
  };
}

/* Bytes as packing.py writes them: the header, and a function that hands out the arrays in their order. */
function opened(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const next = (Type, count) => {
    const size = count * Type.BYTES_PER_ELEMENT;
    return new Type(bytes.slice(at, (at += size)).buffer); // a copy, for a view must start at a multiple of its size
  };
  return { header, next };
}

function themeOf(root) {
  const style = getComputedStyle(root);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, background, ground] = [of("text-color"), of("background-color"), of("secondary-background-color")];
  const classes = of("chart-categorical-colors").split(/,(?![^(]*\))/); // not at the commas of rgb(1, 2, 3)
  return { text, background, ground, classes, border: of("border-color"), accent: of("primary-color"), font: style.fontFamily };
}

/* An empty canvas of a size in CSS pixels; its context counts in them, too. */
function cleared(canvas, width, height) {
  const ratio = devicePixelRatio;
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    [canvas.style.width, canvas.style.height] = size.map((pixels) => `${pixels / ratio}px`);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width + 1, height + 1);
  return context;
}

const tiles = new WeakMap(); // canvas -> ImageData

/* One image on a canvas of just its pixels, which CSS enlarges. pixels: (H, W, C), float in [0, 1] (clipped to it) or uint8,
   from place `from` on; shape: [C, H, W]. */
function paint(canvas, pixels, shape, from = 0) {
  const [channels, high, wide] = shape;
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  let tile = tiles.get(canvas);
  if (tile?.width !== wide || tile?.height !== high) tiles.set(canvas, (tile = context.createImageData(wide, high)));
  colour(tile.data, pixels, channels, from);
  context.putImageData(tile, 0, 0);
}

/* Fills RGBA bytes, which round and clip by themselves. */
function colour(rgba, pixels, channels, from = 0) {
  const scale = pixels instanceof Uint8Array ? 1 : 255;
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let k = 0, at = from; k < rgba.length; k += 4, at += channels) {
    rgba[k] = pixels[at] * scale;
    rgba[k + 1] = pixels[at + green] * scale;
    rgba[k + 2] = pixels[at + blue] * scale;
    rgba[k + 3] = 255;
  }
}

/* The largest whole multiple at which an image of `shape` stays within `room` CSS pixels; at least 1. */
const zoomFor = ([, high, wide], room) => Math.max(1, Math.floor(room / Math.max(high, wide)));

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const mixed = (from, to, share) => from + (to - from) * share;

/* Three significant digits, as `number` in formatting.py writes them (but an exact half is rounded up, there to the even digit):
   0.0374, 20.4, 1,240, 3.90e-08; "-" for what is no finite number. */
function digits(value) {
  if (!Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  if (Math.abs(value) >= 999.5) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  const [mantissa, power] = value.toExponential(2).split("e-");
  return power > 4 ? `${mantissa}e-${power.padStart(2, "0")}` : value.toPrecision(3);
}

/* One child per item; those that are there stay, and the focus with them. */
function fill(parent, items, tag, write) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) parent.append(document.createElement(tag));
  items.forEach((item, i) => write(parent.children[i], item, i));
}

/* The classes of a map as chips that hide and show them; `hidden` is a set of class indices. */
function writeChips(parent, names, colours, hidden) {
  fill(parent, names, "button", (chip, name, index) => {
    chip.type = "button";
    chip.dataset.index = index;
    chip.textContent = name;
    chip.style.setProperty("--swatch", colours[index % colours.length]);
    chip.setAttribute("aria-pressed", !hidden.has(index));
  });
}

/* What a click on a chip does; true if it was one. */
function toggleChip(chip, hidden) {
  if (!chip) return false;
  const index = Number(chip.dataset.index);
  if (!hidden.delete(index)) hidden.add(index);
  chip.setAttribute("aria-pressed", !hidden.has(index));
  return true;
}
