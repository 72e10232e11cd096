/* The colours and the font that the page around an element gives it, as Streamlit's CSS
   variables. The colours of classes are the theme's, then the same darker, then lighter: thirty that
   can be told apart. */
const SHADES = [
  (colour) => colour,
  (colour) => `color-mix(in oklab, ${colour} 60%, black)`,
  (colour) => `color-mix(in oklab, ${colour} 50%, white)`,
];

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
    classes: SHADES.flatMap((share) => classes.map((each) => share(each))),
    border: of("border-color"),
    accent: of("primary-color"),
    font: style.fontFamily,
  };
}
