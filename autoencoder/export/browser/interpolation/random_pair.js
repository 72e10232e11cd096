/* A random pair of test images, of classes that the visitor may choose. */
import { shortName } from "../label_layout.js";
import { fill } from "../elements.js";
import { uniform } from "../random.js";

const TRIES = 50; // seeds until a pair is another one than the one that is shown

/* The pair of a seed: [A, B], indices of two test images; null where there are no such two.
   labels: the class of each test image. classes: the wanted classes of A and B; null is any class,
   but another one than that of the other image, unless there is no other. */
export function randomPair(labels, [first, second], seed) {
  if (first === null && second !== null)
    return randomPair(labels, [second, first], seed)?.reverse() ?? null;
  const next = uniform(seed);
  const draw = (wanted) => {
    const indices = Array.from(labels.keys()).filter(wanted);
    return indices[Math.floor(next() * indices.length)]; // undefined where there are none
  };
  const one = draw((index) => first === null || labels[index] === first);
  const other =
    second === null
      ? (draw((index) => labels[index] !== labels[one]) ?? draw((index) => index !== one))
      : draw((index) => labels[index] === second && index !== one);
  return one === undefined || other === undefined ? null : [one, other];
}

/* The button and the two class choosers. The n-th draw of the same classes is the same every
   time. */
export class RandomPair {
  constructor(root, put) {
    const place = root.querySelector(".random");
    this.place = place;
    this.button = place.querySelector("button");
    this.choosers = [...place.querySelectorAll("select")];
    this.put = put;
    this.draws = 0;
  }

  listen(signal) {
    this.button.addEventListener("click", () => this.draw(), { signal });
    this.place.addEventListener("change", () => this.write(), { signal });
    // letters choose a class here: they are no shortcuts of the page
    this.place.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  }

  begin({ labels }, classes) {
    this.labels = labels;
    const present = [...new Set(labels)].sort((one, other) => one - other);
    const options = [["", "any"], ...present.map((label) => [label, classes[label]])];
    for (const chooser of this.choosers) {
      fill(chooser, options, "option", (option, [value, name]) => {
        option.value = value;
        option.textContent = shortName(name);
      });
      chooser.value = "";
      chooser.parentElement.hidden = present.length < 2;
    }
    this.write();
  }

  get classes() {
    return this.choosers.map(({ value }) => (value === "" ? null : Number(value)));
  }

  write() {
    this.button.disabled = randomPair(this.labels, this.classes, 0) === null;
    this.button.title = this.button.disabled
      ? "There are no two test images of these classes"
      : "Choose two random test images of these classes; “any” for both means two different classes";
  }

  draw() {
    const shown = String(this.pair);
    for (let tries = 0; tries < TRIES; tries++) {
      const pair = randomPair(this.labels, this.classes, ++this.draws);
      if (String(pair) !== shown) return this.put(pair);
    }
  }
}
