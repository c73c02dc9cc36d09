// Comfort only: every page of the room works the same without this file.
(function () {
  "use strict";

  // Keys in the queue. They move the real focus from link to link, and rest while somebody types.
  function keys(queue) {
    var links = Array.from(queue.querySelectorAll("h2 a"));
    var help = document.querySelector(".keys");
    var filter = document.querySelector("[data-filter]");
    if (help) help.hidden = false;

    function here() {
      var item = document.activeElement.closest ? document.activeElement.closest("[data-queue] > li") : null;
      return item ? links.indexOf(item.querySelector("h2 a")) : -1;
    }
    function move(by) {
      var next = links[Math.max(0, Math.min(links.length - 1, here() + by))];
      if (next) next.focus();
    }
    var actions = {
      j: function () { move(1); },
      k: function () { move(-1); },
      o: function () { if (here() >= 0) links[here()].click(); },
      t: function () {
        var take = here() >= 0 && links[here()].closest("li").querySelector("[data-take]");
        if (take) take.click();
      },
      "/": function () {
        if (!filter) return;
        filter.closest("details").open = true;
        filter.querySelector("select").focus();
      },
      "?": function () {
        if (!help) return;
        help.open = !help.open;
        help.querySelector("summary").focus();
      }
    };
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.target.closest("input, select, textarea, [contenteditable]")) return;
      if (!Object.prototype.hasOwnProperty.call(actions, event.key)) return;
      event.preventDefault();
      actions[event.key]();
    });
  }

  // A ready answer goes into what is being written, where the cursor stands; nothing written is lost.
  function readyAnswers(form) {
    var into = null;
    document.addEventListener("focusin", function (event) {
      if (event.target.matches("textarea[name=words]")) into = event.target;
    });
    form.addEventListener("submit", function (event) {
      var chosen = form.querySelector("select").selectedOptions[0];
      var text = chosen && chosen.dataset.text;
      if (!into || !into.closest("details[open]") || !text) return;
      event.preventDefault();
      into.setRangeText(text, into.selectionStart, into.selectionEnd, "end");
      into.focus();
    });
  }

  // How neighbours will read it, while it is being written.
  function preview(shown) {
    var field = document.getElementById(shown.dataset.previewOf);
    if (!field) return;
    function copy() { shown.querySelector("[data-text]").textContent = field.value; }
    field.addEventListener("input", copy);
    copy();
    shown.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-queue]").forEach(keys);
    document.querySelectorAll("[data-ready]").forEach(readyAnswers);
    document.querySelectorAll("[data-preview-of]").forEach(preview);
  });
})();
