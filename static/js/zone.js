// Offers the zone that the browser is in, where it is not the one chosen: to be chosen, never taken.

const offer = document.getElementById("zone-offer");
const chosen = document.getElementById("id_time_zone");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = [...chosen.options].find((option) => option.value === here);

if (known && chosen.value !== here) {
  offer.querySelector("bdi").textContent = here.replaceAll("_", " ");
  offer.querySelector("button").addEventListener("click", () => {
    chosen.value = here;
    offer.hidden = true;
    chosen.focus();
  });
  offer.hidden = false;
}
