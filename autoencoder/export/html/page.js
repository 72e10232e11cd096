/* The HTML file of a run: unpacks the data that stand in it, and shows the views that pages have,
 * each in a shadow root of its own, when the visitor comes near it.
 *
 * For whoever drives it: document.documentElement.dataset.ready is set once the map can be used.
 */
import { assetOf, inflated } from "../browser/assets.js";
import { putAsset } from "../browser/asset_store.js";
import { fill } from "../browser/elements.js";
import { InterpolationView } from "../browser/interpolation/interpolation_view.js";
import { Live } from "../browser/live/live.js";
import { TrainingView } from "../browser/training/training_view.js";
import { bytesOf } from "./base85.js";
import { Reconstructions } from "./reconstructions/reconstructions.js";

const NEAR = "600px"; // from the window, within which a view is made
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

/* Calls make() once the view's place is near the window. */
function whenNear(name, make) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      make();
    },
    { rootMargin: NEAR },
  );
  observer.observe(document.querySelector(`[data-view="${name}"]`));
}

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
    about.textContent = `${chosen.title}: ${chosen.about}.`;
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
  const blocks = [...document.querySelectorAll('script[type="application/octet-stream"]')];
  const contents = await Promise.all(
    blocks.map(async (block) => {
      const bytes = bytesOf(block.textContent);
      block.remove();
      return inflated(bytes);
    }),
  );
  const film = page.hasFilm ? contents.pop() : null;
  const assets = await Promise.all(contents.map(assetOf));
  for (const asset of assets) putAsset(asset.id, asset);
  const assetNamed = (id) => assets.find((asset) => asset.id === id) ?? null;
  const live = showMap(page);
  listenToTheme();
  root.dataset.ready = "";
  if (page.interpolation)
    whenNear("interpolation", () => show("interpolation", InterpolationView, page.interpolation));
  else
    for (const each of document.querySelectorAll('[href="#interpolation"], #interpolation'))
      each.remove();
  whenNear("reconstructions", () =>
    show("reconstructions", Reconstructions, {
      run: assetNamed(page.run),
      images: assetNamed(page.images),
      errors: assetNamed(page.errors)?.values ?? null,
      pick: (index) => {
        live.pick(index);
        document.querySelector("#map").scrollIntoView();
      },
    }),
  );
  if (film) whenNear("training", () => show("training", TrainingView, film));
}

begin();
