/* The colours and the font that the page around an element gives it, as Streamlit's CSS
   variables. */
export function themeOf(root) {
  const style = getComputedStyle(root);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, background, ground] = [
    of("text-color"),
    of("background-color"),
    of("secondary-background-color"),
  ];
  // not at the commas of rgb(1, 2, 3)
  const classes = of("chart-categorical-colors").split(/,(?![^(]*\))/);
  return {
    text,
    background,
    ground,
    classes,
    border: of("border-color"),
    accent: of("primary-color"),
    font: style.fontFamily,
  };
}
