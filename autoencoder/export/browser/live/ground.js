/* What lies behind the points of the live map: decoded images, or where it does not come back, or
 * where there is no data.
 *
 * One at a time. What belongs to the view is worked out cell by cell, from the middle outwards, and
 * again when the view has come to rest; until then the last one is stretched.
 */
import { colour } from "../canvas.js";
import { clamp } from "../numbers.js";
import { getAssets } from "../asset_store.js";

const SETTLED = 180; // milliseconds without a change of the view
const CELL = 32; // CSS pixels, of a decoded image on the map, about
const FOG_CELL = 10; // of a measured distance
const FOG = 0.62; // opacity where the fog is thickest
const THICKEST = 16; // usual spacings there

export class Ground {
  constructor(live) {
    this.live = live;
    this.kind = null; // or "images", "holes", "far"
    this.buttons = [...live.root.querySelectorAll("[data-ground]")];
    [this.hint, this.scale] = live.root.querySelector(".foot").children;
    this.layers = [];
    this.cells = [];
  }

  stop() {
    clearTimeout(this.timer);
  }

  choose(kind) {
    if (!kind) return;
    this.kind = this.kind === kind ? null : kind;
    this.layers = [];
    if (this.kind === "holes" && !this.live.data.holes) this.live.trigger("holes", true);
    this.write();
    this.begin();
  }

  /* After a change of run, map or theme. */
  write() {
    const { map } = this.live;
    // where a place is a latent and fog means something
    const plane = map.method === "latents" || map.method === "pca";
    if (!plane && this.kind !== "images") this.kind = null;
    for (const button of this.buttons) {
      button.hidden = !plane && button.dataset.ground !== "images";
      button.setAttribute("aria-pressed", button.dataset.ground === this.kind);
    }
    this.scale.hidden = !["holes", "far"].includes(this.kind);
    this.hint.hidden = !this.scale.hidden;
    this.scale.firstElementChild.textContent =
      this.kind === "holes" ? "Round-trip distance" : "Distance to the nearest test latent";
  }

  arrived() {
    if (this.kind === "holes" && !this.layers.length) this.begin();
  }

  /* The view is another. */
  outdated() {
    clearTimeout(this.timer);
    if (this.map !== this.live.map) this.begin();
    else if (this.kind) this.timer = setTimeout(() => this.begin(), SETTLED);
  }

  begin() {
    const { pad, map } = this.live;
    clearTimeout(this.timer);
    this.cells = [];
    if (this.map !== map) this.layers = [];
    this.map = map;
    if (this.kind === "holes") this.layers = this.holes();
    else if (this.kind && pad.map) this.layers = [...this.layers.slice(-1), this.sheet()];
    else this.layers = [];
    pad.underlays = this.layers;
    pad.dots = this.kind === "images" ? 0.7 : 1;
    pad.repaint();
    this.live.ask();
  }

  /* The layer of a view, still empty; this.cells is what is to be done. A pixel is left between
     images. */
  sheet() {
    const { pad, images } = this.live;
    const pictures = this.kind === "images";
    const [high, wide] = pictures ? images.shape.slice(1).map((size) => size + 1) : [1, 1];
    const zoom = pictures ? Math.max(1, Math.round(CELL / Math.max(wide, high))) : FOG_CELL;
    const share = Math.min(1, (2 * CELL) / (zoom * Math.max(wide, high)));
    const [width, height] = [zoom * wide * share, zoom * high * share];
    const [columns, rows] = [Math.ceil(pad.side / width), Math.ceil(pad.side / height)];
    const [across, up] = pad.scale;
    const [halfX, halfY] = [(columns * width) / 2 / across, (rows * height) / 2 / up];
    const extent = [pad.view.x - halfX, pad.view.x + halfX, pad.view.y - halfY, pad.view.y + halfY];
    const image = Object.assign(document.createElement("canvas"), {
      width: columns * wide,
      height: rows * high,
    });
    for (let i = 0; i < columns * rows; i++) {
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const place = [
        extent[0] + ((column + 0.5) * width) / across,
        extent[3] - ((row + 0.5) * height) / up,
      ];
      this.cells.push({
        left: column * wide,
        top: row * high,
        place,
        far: Math.hypot(column - columns / 2, row - rows / 2),
      });
    }
    this.cells.sort((a, b) => b.far - a.far); // taken from the end
    return { image, extent, smooth: !pictures || share < 1 };
  }

  /* Does one cell; false if there is nothing to do now. */
  step() {
    const pictures = this.kind === "images";
    if (!this.cells.length || (pictures && !this.live.hasTimeToDecode)) return false;
    const cell = this.cells.pop();
    const { run, map } = this.live;
    const context = this.layers.at(-1).image.getContext("2d");
    this.latent = map.latentOf(
      cell.place,
      this.latent?.length === run.latentDim ? this.latent : new Float32Array(run.latentDim),
    );
    const { cells } = this;
    const done = () => {
      if (cells === this.cells && !cells.length) this.layers.splice(0, this.layers.length - 1);
      this.live.pad.redraw();
    };
    if (pictures) {
      run.decoder.ask(this, this.latent, (pixels) => {
        this.picture(context, cell, pixels);
        done();
      });
    } else {
      this.fog(context, cell.left, cell.top, map.distance(cell.place, this.latent));
      done();
    }
    return true;
  }

  /* One decoded image. */
  picture(context, { left, top }, pixels) {
    const [channels, high, wide] = this.live.images.shape;
    if (this.tile?.width !== wide || this.tile.height !== high)
      this.tile = context.createImageData(wide, high);
    context.fillStyle = this.live.theme.background;
    context.fillRect(left, top, wide + 1, high + 1);
    colour(this.tile.data, pixels, channels);
    context.putImageData(this.tile, left, top);
  }

  /* The layer of the hole map, once that has arrived. */
  holes() {
    const [holes] = getAssets(this.live.data.holes) ?? [];
    if (!holes) return [];
    const { size, values, extent } = holes;
    const image = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = image.getContext("2d");
    values.forEach((value, i) =>
      this.fog(context, i % size, size - 1 - Math.floor(i / size), value),
    );
    return [{ image, extent, smooth: true }];
  }

  /* One cell of fog: none up to one usual spacing, then by its logarithm. */
  fog(context, left, top, spacings) {
    const { text, background } = this.live.theme;
    const layers = [
      [background, 1],
      [text, FOG * clamp(Math.log(spacings) / Math.log(THICKEST), 0, 1)],
    ];
    for (const [style, opacity] of layers) {
      context.fillStyle = style;
      context.globalAlpha = opacity;
      context.fillRect(left, top, 1, 1);
    }
  }
}
