// Posts the one-time code that stands behind the # of the printed link, after taking it off the address.
"use strict";
(() => {
  const comeIn = () => {
    const code = window.location.hash.slice(1);
    if (!code || code === "content") return;
    window.history.replaceState(null, "", window.location.pathname);
    const form = document.getElementById("code-form");
    form.elements.namedItem("code").value = code;
    form.requestSubmit();
  };
  // A link opened in a tab that shows this page already changes only the part behind the #.
  window.addEventListener("hashchange", comeIn);
  comeIn();
})();
