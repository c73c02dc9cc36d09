// Keys in the queue: comfort only. They move the real focus from link to link, and rest while somebody types.
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", function () {
    var queue = document.querySelector("[data-queue]");
    if (!queue) return;
    var links = Array.from(queue.querySelectorAll("h2 a"));
    var help = document.querySelector(".keys");
    if (help) help.hidden = false;

    function move(by) {
      var here = links.indexOf(document.activeElement);
      var next = links[Math.max(0, Math.min(links.length - 1, here + by))];
      if (next) next.focus();
    }

    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, select, textarea")) return;
      var filter = document.querySelector("[data-filter]");
      var deeds = {
        j: function () { move(1); },
        k: function () { move(-1); },
        o: function () { if (links.indexOf(document.activeElement) >= 0) document.activeElement.click(); },
        f: function () { if (filter) { filter.closest("details").open = true; filter.querySelector("select").focus(); } }
      };
      if (deeds[event.key]) { event.preventDefault(); deeds[event.key](); }
    });
  });
})();
