// Ticks all tenants of the page, or none. Until this has come the box for that is disabled.
const all = document.querySelector("[data-tick-all]");
const each = [...document.querySelectorAll(".tenants [name=tenant]")];

function tell() {
  const ticked = each.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === each.length;
  all.indeterminate = ticked > 0 && ticked < each.length;
}

if (all) {
  all.addEventListener("change", () => {
    for (const box of each) {
      box.checked = all.checked;
    }
  });
  for (const box of each) {
    box.addEventListener("change", tell);
  }
  tell();
  all.disabled = false;
}
