/* The page's asset store: decoders, latents, images and maps by id, for all components of the page.
 *
 * Components are modules of their own, so the store hangs on the window. It keeps the assets that
 * were asked for last; what a component is drawing it holds itself.
 */
const MOST_ASSETS = 16; // of which a run, its images and its maps are four

const store = (globalThis[Symbol.for("latent-lab")] ??= {
  assets: new Map(),
  events: new EventTarget(),
});

/* Dispatches "arrival" after every asset that was put into the store. */
export const arrivals = store.events;

export const hasAsset = (id) => store.assets.has(id);

export function putAsset(id, asset) {
  store.assets.delete(id);
  store.assets.set(id, asset);
  while (store.assets.size > MOST_ASSETS) dropOldest();
  store.events.dispatchEvent(new Event("arrival"));
}

function dropOldest() {
  const [[id, asset]] = store.assets;
  store.assets.delete(id);
  asset.decoder?.close();
}

/* The assets of these ids, in their order; null while one of them is missing. */
export function getAssets(...ids) {
  const assets = ids.map((id) => store.assets.get(id));
  if (assets.includes(undefined)) return null;
  ids.forEach((id, i) => {
    store.assets.delete(id); // asked for last, dropped last
    store.assets.set(id, assets[i]);
  });
  return assets;
}
