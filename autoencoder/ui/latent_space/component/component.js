/* The linked maps: one map of the test images, or two that are linked: of their latents, and of
 * their pixels.
 *
 * Contract: data -> trigger.
 *   data      {latents, images: ids in the asset store,
 *              maps: [{space: "latents" | "pixels", points: id in the asset store, title, about,
 *              equal}],
 *              colour: {name, kind: "class" | "value" | "group", title, names: [text],
 *              values: id in the asset store or null, low, high, log},
 *              selected: text (see toText), placed: a counter}
 *   selected  {indices: text}, once when a click, a box, a lasso or a key has changed the selection
 * A selection from Python is taken on the first call and when `placed` has changed; otherwise the
 * visitor's own stays. For whoever drives it: root.dataset.ready is the id of what is drawn,
 * root.dataset.selected how many are selected.
 */
import { fromText, toText } from "../../../export/browser/geometry.js";
import { MOST_LABELS, SelectableMap, middlesOf } from "../../../export/browser/map.js";
import { MOST_TILES, coloursOf, inked, orderOf } from "../../../export/browser/map_paint.js";
import { clamp } from "../../../export/browser/numbers.js";
import { homeOf } from "../../../export/browser/pad.js";
import { themeOf } from "../../../export/browser/theme.js";
import { arrivals, getAssets } from "../../../export/browser/asset_store.js";
import { fill, toggleChip, writeChips } from "../../../export/browser/elements.js";
import { mounted } from "../../components/mounting.js";
import { Magnifier, factsOf, writeLegend } from "./magnifier.js";

const GAP = 20; // CSS pixels between two maps
const MOST_SIDE = 820,
  LEAST_SIDE = 240; // CSS pixels of a map
const BESIDE_MAP = 300; // CSS pixels of a window's height that are not the map's

export default mounted(".linked-maps", (root) => new LinkedMaps(root));

class LinkedMaps {
  constructor(root) {
    this.root = root;
    this.pads = [];
    this.hidden = new Set(); // classes
    this.selected = new Set(); // test images
    this.focus = -1; // the test image that is looked at
    this.tool = root.dataset.tool = "move";
    this.thumbs = false;
    this.tiles = new Map(); // test image -> its thumbnail
    this.magnifier = new Magnifier(root);
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (place, does) =>
      this.root.querySelector(place).addEventListener("click", does, { signal });
    on(".tools", (event) => this.take(event.target.closest("button")?.dataset.tool));
    on(".thumbs", () => this.toggleThumbs());
    on(".clear", () => this.select([], false));
    on(".reset", () => this.pads.forEach((pad) => pad.reset()));
    on(
      ".chips",
      (event) => toggleChip(event.target.closest("button"), this.hidden) && this.repaint(),
    );
    arrivals.addEventListener("arrival", () => this.arrive(), { signal });
    this.pads.forEach((pad) => pad.listen(signal));
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  /* Until the next call. */
  stop() {
    cancelAnimationFrame(this.request);
    this.listeners?.abort();
    this.observer?.disconnect();
    this.magnifier.stop();
    this.listeners = this.request = null;
  }

  /* A call from Python. */
  update(data, trigger) {
    Object.assign(this, { data, trigger, theme: themeOf(this.root) });
    this.theme.shades = getComputedStyle(this.root)
      .getPropertyValue("--st-chart-sequential-colors")
      .split(/,(?![^(]*\))/);
    this.listen();
    this.furnish();
    this.arrive();
  }

  /* One canvas per map. */
  furnish() {
    const maps = this.root.querySelector(".maps");
    fill(maps, this.data.maps, "section", (section, { space, title, about }) => {
      if (!section.firstChild)
        section.innerHTML = '<header></header><canvas class="map" role="application"></canvas>';
      const [heading, canvas] = section.children;
      heading.textContent = `${title} `;
      heading.append(Object.assign(document.createElement("small"), { textContent: about }));
      canvas.dataset.space = space;
      canvas.ariaLabel = `${title}: arrow keys go from image to image, Enter selects, Escape clears, plus and minus zoom`;
    });
    this.pads.splice(this.data.maps.length);
    for (const canvas of [...maps.querySelectorAll(".map")].slice(this.pads.length)) {
      const pad = new SelectableMap(canvas, this);
      pad.listen(this.listeners.signal);
      this.pads.push(pad);
    }
  }

  /* Takes from the asset store what is there by now. */
  arrive() {
    const { latents: id, images: imagesId, maps, colour, selected, placed } = this.data;
    const assets = getAssets(
      id,
      imagesId,
      ...maps.map((map) => map.points),
      ...(colour.values ? [colour.values] : []),
    );
    if (!assets) return;
    const [run, images, ...rest] = assets;
    if (this.run !== run)
      Object.assign(this, { run, labels: run.labels, names: run.classes, focus: -1 });
    if (this.placed !== placed) this.selected = new Set(fromText(selected));
    Object.assign(this, { images, placed, values: colour.values ? rest.at(-1).values : null });
    maps.forEach((map, k) => this.lay(this.pads[k], map, rest[k]));
    this.dress();
    this.arrange();
  }

  /* The view of a map stays as long as its points are the same. */
  lay(pad, { equal }, { id, points, axes, count }) {
    if (pad.map?.id === id) return;
    pad.map = { id, points, axes, count, equal, labels: this.labels };
    pad.view = { ...(pad.home = homeOf(pad.map)) };
    pad.middles = middlesOf(pad.map, this.names.length);
  }

  /* Colours, chips, legend. */
  dress() {
    this.colours = coloursOf(this);
    this.order = orderOf(this);
    this.tiles.clear();
    this.labelled =
      this.data.colour.kind === "class" &&
      this.names.length > 1 &&
      this.names.length <= MOST_LABELS &&
      !this.thumbs;
    // else the colours mean something else
    const swatches = this.data.colour.kind === "class" ? this.theme.classes : ["#8888"];
    writeChips(this.root.querySelector(".chips"), this.names, swatches, this.hidden);
    writeLegend(this.root.querySelector(".legend"), this);
    this.magnifier.size(this.images.shape);
  }

  arrange() {
    const room = this.root.clientWidth;
    if (!this.run || !room || !this.pads[0]?.map) return;
    const across = (room - GAP * (this.pads.length - 1)) / this.pads.length;
    const side = Math.floor(
      clamp(Math.min(across, innerHeight - BESIDE_MAP), Math.min(LEAST_SIDE, across), MOST_SIDE),
    );
    this.root.style.setProperty("--side", `${side}px`);
    this.root.style.setProperty(
      "--wide",
      `${side * this.pads.length + GAP * (this.pads.length - 1)}px`,
    );
    for (const pad of this.pads) Object.assign(pad, { side, theme: this.theme });
    this.repaint();
  }

  repaint() {
    for (const pad of this.pads) if (pad.map) pad.repaint();
    const count = this.selected.size;
    this.root.dataset.selected = count;
    this.root.querySelector(".clear").hidden = !count;
    this.root.querySelector(".count").textContent = count
      ? `${count.toLocaleString("en")} selected`
      : "";
  }

  /* In the next animation frame, once, everything that is due is drawn. */
  ask() {
    this.request ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.request = null;
    for (const pad of this.pads) pad.draw();
    this.magnifier.draw();
    if (this.pads.at(-1)?.map) this.root.dataset.ready = this.run.id;
  }

  /* ---- What the visitor does ---- */

  take(tool) {
    if (!tool) return;
    this.tool = this.root.dataset.tool = tool;
    for (const button of this.root.querySelectorAll(".tools button"))
      button.ariaPressed = button.dataset.tool === tool;
  }

  toggleThumbs() {
    this.thumbs = !this.thumbs;
    this.root.querySelector(".thumbs").ariaPressed = this.thumbs;
    this.dress();
    this.repaint();
  }

  /* Puts a test image in focus, on both maps; -1 for none. `said`: by the keys, for those who
     cannot see it. */
  look(index, pad, said = false) {
    if (index === this.focus) return;
    this.focus = index;
    this.magnifier.show(this, index, pad);
    if (said) this.root.querySelector(".said").textContent = factsOf(this, index).join(", ");
  }

  /* A click on a test image selects it alone, or nothing if it was alone; with `adds` it goes in or
     out. */
  click(index, adds) {
    if (index < 0) return;
    const chosen = this.selected.has(index);
    if (!adds) return this.select(chosen && this.selected.size === 1 ? [] : [index], false);
    if (chosen) this.selected.delete(index);
    this.select(chosen ? [] : [index], true);
  }

  select(indices, adds) {
    if (!adds && !indices.length && !this.selected.size) return;
    this.selected = new Set(adds ? [...this.selected, ...indices] : indices);
    this.repaint();
    this.trigger("selected", { indices: toText([...this.selected]) });
  }

  /* The thumbnail of a test image; null if its pixels are not here. */
  tile(index) {
    if (index >= this.images.count) return null;
    if (this.tiles.size > MOST_TILES) this.tiles.clear();
    if (!this.tiles.has(index))
      this.tiles.set(index, inked(this.images, index, this.colours[index]));
    return this.tiles.get(index);
  }
}
