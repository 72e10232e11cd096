/* Which test images no frame is measured against: the browser's half of `without` in
   analysis/distance_to_data.py. */

/* The test images of `indices`, and all exact copies of them: a Set of indices. */
export function withCopies({ pixels, count }, indices) {
  const size = pixels.length / count;
  const isCopy = (one, other) => {
    for (let k = 0; k < size; k++)
      if (pixels[one * size + k] !== pixels[other * size + k]) return false;
    return true;
  };
  const all = Array.from({ length: count }, (_, index) => index);
  return new Set(all.filter((one) => indices.some((other) => isCopy(one, other))));
}
