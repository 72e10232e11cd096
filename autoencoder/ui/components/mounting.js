/* What a component's file exports as its default: one instance per element, however often Streamlit
   calls. The cleanup of one call may come after the next call, and then does nothing.
   make(element): an object with update(data, trigger) and stop(). Data come as bytes, or in a list of
   one. */
export function mounted(place, make) {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    const root = parentElement.querySelector(place);
    if (!instances.has(root)) instances.set(root, { it: make(root), calls: 0 });
    const instance = instances.get(root);
    const call = ++instance.calls;
    instance.it.update(Array.isArray(data) ? data[0] : data, setTriggerValue);
    return () => call === instance.calls && instance.it.stop();
  };
}
