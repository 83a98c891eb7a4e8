// A slip's QR carries its code in the fragment, which no server log ever sees; the field beside it works without script.
const field = document.querySelector("[data-invite-code]");
if (field && location.hash.length > 1 && !field.value) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
