/* The test image under the pointer, above what the run makes of it, and the legend of what colours
   mean. */
import { paint, zoomFor } from "../../../export/browser/canvas.js";
import { shortName } from "../../../export/browser/label_layout.js";
import { clamp, digits, mixed } from "../../../export/browser/numbers.js";
import { fill } from "../../../export/browser/elements.js";

const MAGNIFIED = 112; // CSS pixels, about, of an image in the magnifier
const MOST_GROUPS = 30; // in the legend
const APART = 18; // CSS pixels between a point and the magnifier

export class Magnifier {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".magnifier");
    [this.original, this.rebuilt] = this.box.querySelectorAll("canvas");
    [this.title, this.more] = this.box.querySelectorAll(".facts > *");
  }

  size(shape) {
    const zoom = zoomFor(shape, MAGNIFIED);
    for (const canvas of [this.original, this.rebuilt]) {
      [canvas.style.width, canvas.style.height] = [`${shape[2] * zoom}px`, `${shape[1] * zoom}px`];
    }
  }

  /* The newest index wins; an image is decoded at most once per frame. */
  show(maps, index, pad) {
    Object.assign(this, { maps, index, pad, due: true });
    maps.ask();
  }

  stop() {
    this.box.hidden = true;
  }

  draw() {
    if (!this.due) return;
    this.due = false;
    const { maps, index, pad } = this;
    this.box.hidden = index < 0;
    if (index < 0) return;
    const { run, images } = maps;
    const [there, coded] = [index < images.count, index < run.coded];
    this.original.hidden = !there;
    this.rebuilt.hidden = !coded;
    if (there)
      paint(
        this.original,
        images.pixels,
        images.shape,
        index * images.shape.reduce((a, b) => a * b),
      );
    const latent = run.latents.subarray(index * run.latentDim, (index + 1) * run.latentDim);
    if (coded)
      run.decoder.ask(this, latent, (pixels) => {
        if (index === this.index && run === maps.run) paint(this.rebuilt, pixels, images.shape);
      });
    const [title, ...more] = factsOf(maps, index);
    this.title.textContent = title;
    this.more.textContent = (there ? more : [...more, "image not loaded"]).join("\n");
    this.place(pad);
  }

  /* Beside the point, inside of its map. */
  place(pad) {
    const [x, y] = pad.onScreen(pad.ringAt(this.index));
    const [frame, box] = [this.root.getBoundingClientRect(), pad.canvas.getBoundingClientRect()];
    const { offsetWidth: wide, offsetHeight: high } = this.box;
    const right = x + APART + wide > pad.side ? x - APART - wide : x + APART;
    const down = clamp(y - high / 2, 4, Math.max(4, pad.side - high - 4));
    this.box.style.left = `${box.left - frame.left + Math.max(right, 4)}px`;
    this.box.style.top = `${box.top - frame.top + down}px`;
  }
}

const read = (value, { log }) => digits(log ? 10 ** value : value);

/* What there is to say of a test image: its number first. */
export function factsOf({ run, labels, names, values, data }, index) {
  const { kind, title, names: groups } = data.colour;
  const facts = [`Test image ${index}`];
  if (names.length > 1) facts.push(`class ${names[labels[index]]}`);
  if (run.measured) facts.push(`error ${digits(run.errors[index])}`);
  if (kind === "group") facts.push(`${title.toLowerCase()} ${groups[values[index]]}`);
  if (kind === "value" && data.colour.name !== "error")
    facts.push(`${title.toLowerCase()} ${read(values[index], data.colour)}`);
  return facts;
}

/* What the colours mean, where they are not the classes. */
export function writeLegend(legend, { data, theme }) {
  const { kind, title, names, low, high } = data.colour;
  legend.hidden = kind === "class";
  const [heading, bar, keys] = legend.children;
  heading.textContent = title;
  bar.hidden = kind !== "value";
  bar.style.background = `linear-gradient(to right, ${theme.shades})`;
  const marks =
    kind === "value"
      ? [0, 0.5, 1].map((share) => [share, read(mixed(low, high, share), data.colour)])
      : [];
  fill(bar, marks, "b", (mark, [share, text]) => {
    mark.style.left = `${100 * share}%`;
    mark.textContent = `${["≤ ", "", "≥ "][2 * share]}${text}`;
  });
  const groups = kind === "group" ? names.slice(0, MOST_GROUPS) : [];
  fill(keys, groups, "span", (key, name, index) => {
    key.textContent = shortName(name);
    key.style.setProperty("--swatch", theme.classes[index % theme.classes.length]);
  });
  if (kind === "group" && names.length > MOST_GROUPS)
    keys.append(` and ${(names.length - MOST_GROUPS).toLocaleString("en")} more`);
}
