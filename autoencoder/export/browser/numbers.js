/* Small arithmetic, and numbers as text. */

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const mixed = (from, to, share) => from + (to - from) * share;

/* Three significant digits, as `number` in formatting.py writes them (but an exact half is rounded
   up, there to the even digit): 0.0374, 20.4, 1,240, 3.90e-08; "-" for what is no finite number. */
export function digits(value) {
  if (!Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  if (Math.abs(value) >= 999.5) return value.toLocaleString("en", { maximumFractionDigits: 0 });
  const [mantissa, power] = value.toExponential(2).split("e-");
  return power > 4 ? `${mantissa}e-${power.padStart(2, "0")}` : value.toPrecision(3);
}
