// Passkeys beside allauth's own script: buttons appear only where the browser can, and a refusal is told in words.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("[data-passkey]").forEach(function (part) { part.hidden = false; });
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var told = document.getElementById("passkey-trouble");
    if (!told) return;
    told.hidden = false;
    told.focus();
  });
})();
