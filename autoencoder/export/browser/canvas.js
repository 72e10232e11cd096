/* Drawing on canvases: sizes in CSS pixels, images pixel by pixel. */

/* An empty canvas of a size in CSS pixels; its context counts in them, too. */
export function cleared(canvas, width, height) {
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

const SMALLEST = 26; // CSS pixels of the longer side of an image that is drawn smaller than it is
const PIXEL_ART = 48; // pixels of an image's longer side, above which it is drawn smoothly
const tiles = new WeakMap(); // canvas -> ImageData

/* One image on a canvas of just its pixels, which CSS enlarges. pixels: (H, W, C), float in [0, 1]
   (clipped to it) or uint8, from place `from` on; shape: [C, H, W]. */
export function paint(canvas, pixels, shape, from = 0) {
  const [channels, high, wide] = shape;
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  let tile = tiles.get(canvas);
  if (tile?.width !== wide || tile?.height !== high)
    tiles.set(canvas, (tile = context.createImageData(wide, high)));
  colour(tile.data, pixels, channels, from);
  context.putImageData(tile, 0, 0);
  canvas.style.imageRendering = Math.max(high, wide) > PIXEL_ART ? "auto" : "";
}

/* Fills RGBA bytes, which round and clip by themselves. */
export function colour(rgba, pixels, channels, from = 0) {
  const scale = pixels instanceof Uint8Array ? 1 : 255;
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let k = 0, at = from; k < rgba.length; k += 4, at += channels) {
    rgba[k] = pixels[at] * scale;
    rgba[k + 1] = pixels[at + green] * scale;
    rgba[k + 2] = pixels[at + blue] * scale;
    rgba[k + 3] = 255;
  }
}

/* The largest whole multiple at which an image of `shape` stays within `room` CSS pixels, at least 1;
   for a large image the share of its size that fits, but at least SMALLEST pixels. */
export function zoomFor([, high, wide], room) {
  const side = Math.max(high, wide);
  return side > PIXEL_ART && room < side
    ? Math.max(room, SMALLEST) / side
    : Math.max(1, Math.floor(room / side));
}

/* A filled circle. */
export function disc(context, x, y, radius, style) {
  context.fillStyle = style;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
