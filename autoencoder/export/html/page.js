/* The HTML file of a run: unpacks the data that stand in it, and shows the views that pages have,
 * each in a shadow root of its own, from the top.
 *
 * For whoever drives it: document.documentElement.dataset.ready is "map" once the map can be used, and
 * "all" once everything can.
 */
import { assetOf, inflated } from "../browser/assets.js";
import { putAsset } from "../browser/asset_store.js";
import { fill } from "../browser/elements.js";
import { InterpolationView } from "../browser/interpolation/interpolation_view.js";
import { Live } from "../browser/live/live.js";
import { TrainingView } from "../browser/training/training_view.js";
import { bytesOf } from "./base85.js";
import { Reconstructions } from "./reconstructions/reconstructions.js";

const root = document.documentElement;
const views = []; // {view, data}: those that are there

/* The view of a name in its place, with the data that it wants; null if the file has none. */
function show(name, View, data) {
  const place = document.querySelector(`[data-view="${name}"]`);
  const shadow = place.attachShadow({ mode: "open" });
  shadow.append(place.querySelector("template").content.cloneNode(true));
  const view = new View(shadow.querySelector(".component"));
  views.push({ view, data });
  view.update(data, () => {});
  return view;
}

/* Calls does() once, when the view's place is first in the window. */
function whenSeen(name, does) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      does();
    },
    { threshold: 0.2 },
  );
  observer.observe(document.querySelector(`[data-view="${name}"]`));
}

/* Until the page has answered to whoever has done something in the meantime. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

/* ---- Map ---- */

function showMap({ run, images, maps }) {
  const place = document.querySelector("#map");
  const template = place.querySelector("template").content;
  template.querySelector('[data-ground="holes"]').remove(); // needs the encoder
  const [{ method }] = maps;
  const data = { run, images, method, holes: null, latent: null, placed: 0 };
  const live = show("live", Live, { ...data, parts: "all", tour: false });
  const about = place.querySelector(".about");
  const chooser = place.querySelector(".maps");
  const choose = (chosen) => {
    const entry = views.find(({ view }) => view === live);
    entry.data = { ...entry.data, method: chosen.method };
    live.update(entry.data, () => {});
    write(chosen);
  };
  const write = (chosen) => {
    about.textContent = chosen.about;
    fill(chooser, maps, "button", (button, each) => {
      button.type = "button";
      button.textContent = each.title;
      button.setAttribute("aria-pressed", each === chosen);
      button.onclick = () => choose(each);
    });
  };
  chooser.hidden = maps.length < 2;
  write(maps[0]);
  return live;
}

/* ---- Light and dark ---- */

function listenToTheme() {
  const button = document.querySelector(".theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const put = (theme) => {
    root.dataset.theme = theme;
    button.setAttribute("aria-pressed", theme === "dark");
    for (const { view, data } of views) view.update(data, () => {});
  };
  button.addEventListener("click", () => put(root.dataset.theme === "dark" ? "light" : "dark"));
  system.addEventListener("change", () => put(system.matches ? "dark" : "light"));
  put(root.dataset.theme);
}

/* ---- Beginning ---- */

async function begin() {
  const page = JSON.parse(document.querySelector("#page").textContent);
  const contents = await Promise.all(
    [...document.querySelectorAll('script[type="application/octet-stream"]')].map((block) => {
      const bytes = bytesOf(block.textContent);
      block.remove();
      return inflated(bytes);
    }),
  );
  const film = page.hasFilm ? contents.pop() : null;
  const assets = await Promise.all(contents.map(assetOf));
  for (const asset of assets) putAsset(asset.id, asset);
  listenToTheme();
  const live = showMap(page);
  root.dataset.ready = "map";
  await pause();
  showInterpolation(page.interpolation);
  await pause();
  showReconstructions(page, assets, live);
  await pause();
  if (film) show("training", TrainingView, film);
  root.dataset.ready = "all";
}

function showInterpolation(data) {
  if (!data) {
    for (const each of document.querySelectorAll('[href="#interpolation"], #interpolation'))
      each.remove();
    return;
  }
  const view = show("interpolation", InterpolationView, data);
  whenSeen("interpolation", () => view.show());
}

function showReconstructions({ run, images, errors }, assets, live) {
  const named = (id) => assets.find((asset) => asset.id === id);
  show("reconstructions", Reconstructions, {
    run: named(run),
    images: named(images),
    errors: errors && named(errors).values,
    pick: (index) => {
      live.pick(index);
      document.querySelector("#map").scrollIntoView();
    },
  });
}

begin().catch((error) => {
  const problem = document.querySelector(".problem");
  problem.hidden = false;
  problem.append(` (${error.message})`);
});
