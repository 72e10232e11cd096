/* Brings what the live components draw from, once, and keeps it in the page: an invisible component.
 *
 * Contract: data -> nothing.
 *   data  bytes: see export/browser/assets.js
 */
import { assetOf } from "../../../export/browser/assets.js";
import { hasAsset, putAsset } from "../../../export/browser/asset_store.js";
import { opened } from "../../../export/browser/packing.js";

export default function ({ data, parentElement }) {
  parentElement
    .getRootNode()
    .host?.closest("[data-testid=stElementContainer]")
    ?.style.setProperty("display", "none");
  receive(data);
}

async function receive(bytes) {
  const { id } = opened(bytes).header;
  if (!hasAsset(id)) putAsset(id, await assetOf(bytes));
}
