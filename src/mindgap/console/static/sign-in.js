// Posts the one-time code that stands behind the # of the printed link, after taking it off the address.
"use strict";
(() => {
  const code = window.location.hash.slice(1);
  if (!code) return;
  window.history.replaceState(null, "", window.location.pathname);
  const form = document.getElementById("code-form");
  form.elements.namedItem("code").value = code;
  form.requestSubmit();
})();
