/* A sheet to draw on, with one round soft brush.
 *
 * Contract: data -> trigger.
 *   data   {shape: [C, H, W] of the images that it is to become one of, ground, ink: colours}
 *   drawn  {pixels: the base64 of the sheet's red, green and blue bytes, row by row, its longer
 *          side SENT pixels; "" if nothing is on it}, after each stroke
 * What was drawn outlives the component: a visitor who comes back to the page finds it.
 */
import { cleared } from "../../../export/browser/canvas.js";
import { mounted } from "../../components/mounting.js";

const SIDE = 280; // CSS pixels of the longer side
const SENT = 112;
const BRUSH = 22,
  SOFT = 3; // CSS pixels: its width, its blur

// [{ink, points: [[x, y]]}], 0 to 1 each way
const kept = (globalThis[Symbol.for("latent-lab-sketch")] ??= { strokes: [] });

export default mounted(".sketch", (root) => new Sketch(root));

class Sketch {
  constructor(root) {
    this.root = root;
    this.paper = root.querySelector(".paper");
    [this.undo, this.clear] = root.querySelectorAll("button");
    this.colour = root.querySelector("input");
    this.stroke = null; // while the pointer is down
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (target, name, does) => target.addEventListener(name, does, { signal });
    on(this.paper, "pointerdown", (event) => this.begin(event));
    on(this.paper, "pointermove", (event) => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) on(this.paper, end, () => this.end());
    on(this.undo, "click", () => this.take(kept.strokes.slice(0, -1)));
    on(this.clear, "click", () => this.take([]));
    on(this.root, "keydown", (event) => {
      if (event.key === "z" && (event.ctrlKey || event.metaKey) && kept.strokes.length)
        this.take(kept.strokes.slice(0, -1));
    });
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.listeners?.abort();
    this.listeners = this.request = null;
  }

  update(data, trigger) {
    if (this.data?.ink !== data.ink) this.colour.value = data.ink;
    Object.assign(this, { data, trigger });
    this.colour.parentElement.hidden = data.shape[0] === 1;
    this.listen();
    this.touch();
  }

  /* ---- What the visitor does ---- */

  begin(event) {
    if (event.button !== 0 || this.stroke) return;
    event.preventDefault();
    this.paper.focus({ preventScroll: true });
    this.paper.setPointerCapture(event.pointerId);
    this.stroke = {
      ink: this.data.shape[0] === 1 ? null : this.colour.value,
      points: [this.placeOf(event)],
    };
    kept.strokes.push(this.stroke);
    this.touch();
  }

  go(event) {
    if (!this.stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event])
      this.stroke.points.push(this.placeOf(each));
    this.touch();
  }

  end() {
    if (!this.stroke) return;
    this.stroke = null;
    this.report();
  }

  take(strokes) {
    kept.strokes = strokes;
    this.touch();
    this.report();
  }

  placeOf(event) {
    const box = this.paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  report() {
    if (!kept.strokes.length) return this.trigger("drawn", { pixels: "" });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = this.sized(SENT);
    const context = canvas.getContext("2d");
    this.draw(context, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const colours = data.filter((_, index) => index % 4 < 3); // without the opacity
    this.trigger("drawn", {
      pixels: btoa(Array.from(colours, (level) => String.fromCharCode(level)).join("")),
    });
  }

  /* ---- What is drawn ---- */

  touch() {
    this.request ??= requestAnimationFrame(() => {
      this.request = null;
      const [wide, high] = this.sized(SIDE);
      this.draw(cleared(this.paper, wide, high), wide, high);
      this.undo.disabled = this.clear.disabled = !kept.strokes.length;
    });
  }

  sized(side) {
    const [, high, wide] = this.data.shape;
    return [wide, high].map((each) => Math.round((side * each) / Math.max(high, wide)));
  }

  draw(context, wide, high) {
    const scale = Math.max(wide, high) / SIDE;
    context.fillStyle = this.data.ground;
    context.fillRect(0, 0, wide, high);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = BRUSH * scale;
    context.shadowBlur = SOFT * scale;
    for (const { ink, points } of kept.strokes) {
      context.strokeStyle = context.shadowColor =
        this.data.shape[0] === 1 ? this.data.ink : (ink ?? this.data.ink);
      context.beginPath();
      points.forEach(([x, y]) => context.lineTo(x * wide, y * high));
      if (points.length === 1) context.lineTo(points[0][0] * wide + 0.01, points[0][1] * high); // a dot
      context.stroke();
    }
  }
}
