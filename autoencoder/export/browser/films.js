/* Films that stay in the page by name, so that a call from Python brings only new frames. */

const MOST = 3;

const films = new Map(); // name -> {frames}; the one shown last is the last

/* The film of that name with these frames added, in the order of epochs. One that comes again
   replaces the older; of those from before, only the ones that fit stay. */
export function remembered(name, frames, fits) {
  const film = films.get(name) ?? { frames: [] };
  const byEpoch = new Map(
    [...film.frames.filter(fits), ...frames].map((each) => [each.epoch, each]),
  );
  film.frames = [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
  films.delete(name);
  films.set(name, film);
  if (films.size > MOST) films.delete(films.keys().next().value);
  return film;
}
