/* Light or dark, as the system is set; before anything is drawn, so that nothing flashes. */
document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches
  ? "dark"
  : "light";
