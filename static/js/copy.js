// Puts what a field holds on the clipboard. Until this has come its buttons are disabled.

const told = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    told.textContent = told.dataset.words;
  });
  button.disabled = false;
}
