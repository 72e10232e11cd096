/* Elements of a page, written again whenever what they show has changed. */

import { shortName } from "./label_layout.js";

/* One child per item; those that are there stay, and the focus with them. */
export function fill(parent, items, tag, write) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) parent.append(document.createElement(tag));
  items.forEach((item, i) => write(parent.children[i], item, i));
}

/* The classes of a map as chips that hide and show them, where there are at least two; `hidden` is a
   set of class indices. */
export function writeChips(parent, names, colours, hidden) {
  fill(parent, names.length > 1 ? names : [], "button", (chip, name, index) => {
    chip.type = "button";
    chip.dataset.index = index;
    chip.textContent = shortName(name);
    chip.title = chip.textContent === name ? "" : name;
    chip.style.setProperty("--swatch", colours[index % colours.length]);
    chip.setAttribute("aria-pressed", !hidden.has(index));
  });
}

/* What a test image is called: its number, and its class where there are at least two. */
export const imageName = (index, classes, label) =>
  classes.length > 1 ? `no. ${index}, class ${shortName(classes[label])}` : `no. ${index}`;

/* What a click on a chip does; true if it was one. */
export function toggleChip(chip, hidden) {
  if (!chip) return false;
  const index = Number(chip.dataset.index);
  if (!hidden.delete(index)) hidden.add(index);
  chip.setAttribute("aria-pressed", !hidden.has(index));
  return true;
}
