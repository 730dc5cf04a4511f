// Buttons that ask the browser for a passkey, and a word on the page when it gave none. Until this
// has come they are disabled: nothing is pressed in vain.

const trouble = document.getElementById("passkey-trouble");

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  if (trouble) {
    trouble.hidden = false;
  }
});

for (const button of document.querySelectorAll("[data-passkey]")) {
  const { passkey, credential, passwordless } = button.dataset;
  window.allauth.webauthn.forms[passkey]({
    ids: {
      login: button.id,
      authenticate: button.id,
      add: button.id,
      credential,
      passwordless,
      data: "js_data",
    },
  });
  button.disabled = false;
}
