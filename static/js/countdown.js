// Counts down to a moment that the page names in words already; quietly, for nobody is read to
// from here: what is announced is where the fax stands.

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;

function words(place, left) {
  if (left <= 0) return place.dataset.now;
  const [pattern, unit] = left < MINUTE ? [place.dataset.seconds, SECOND] : [place.dataset.minutes, MINUTE];
  return pattern.replace("{n}", Math.ceil(left / unit));
}

function count() {
  for (const place of document.querySelectorAll("time[data-counts-down]")) {
    const left = Date.parse(place.dateTime) - Date.now();
    if (left >= HOUR) continue; // as the page says it
    const told = words(place, left);
    if (place.textContent !== told) place.textContent = told;
  }
}

setInterval(count, SECOND);
document.addEventListener("portal:merged", count);
count();
