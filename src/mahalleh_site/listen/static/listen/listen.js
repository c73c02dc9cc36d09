// Comfort only: every page of the room works the same without this file.
(function () {
  "use strict";

  function show(element) { if (element) element.hidden = false; }

  // “Use where I am now”: the telephone's own location, rounded to about ten metres before it is sent.
  function locate(button) {
    if (!navigator.geolocation) return;
    show(button.closest(".located"));
    button.addEventListener("click", function () {
      var form = button.form;
      button.textContent = button.dataset.wait;
      navigator.geolocation.getCurrentPosition(function (found) {
        [["lon", found.coords.longitude], ["lat", found.coords.latitude]].forEach(function (pair) {
          var field = document.createElement("input");
          field.type = "hidden";
          field.name = pair[0];
          field.value = pair[1].toFixed(4);
          form.appendChild(field);
        });
        form.submit();
      }, function () { button.textContent = button.dataset.failed; }, { timeout: 15000, maximumAge: 60000 });
    });
  }

  function copy(button) {
    if (!navigator.clipboard) return;
    button.addEventListener("click", function () {
      var code = document.querySelector(button.dataset.copy).textContent.trim();
      navigator.clipboard.writeText(code).then(function () { button.textContent = button.dataset.done; });
    });
    show(button.closest(".receipt-tools"));
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-locate]").forEach(locate);
    document.querySelectorAll("[data-copy]").forEach(copy);
    document.querySelectorAll("[data-print]").forEach(function (button) {
      show(button.closest(".receipt-tools"));
      button.addEventListener("click", function () { window.print(); });
    });
  });
})();
