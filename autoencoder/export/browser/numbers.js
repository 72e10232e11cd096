/* Small arithmetic, and numbers as text. */

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const mixed = (from, to, share) => from + (to - from) * share;

/* Three significant digits, as ui/shared/text.py writes them. */
export function digits(value) {
  if (!Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(3);
}
