// Comfort only: every page reads the same without this file.
(function () {
  "use strict";

  // The map: the server's drawing carries name, number, colour and link of each place. Leaflet draws the
  // same places so that they can be moved and enlarged; it takes all words and colours from that drawing.
  function liven(box) {
    var drawing = box.querySelector("svg.city");
    if (!window.L || !drawing) return;
    fetch(box.dataset.map, { credentials: "omit" })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (shapes) { draw(box, drawing, shapes); })
      .catch(function () { /* the server's drawing stays */ });
  }

  function draw(box, drawing, shapes) {
    var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    var holder = document.createElement("div");
    holder.className = "map-live";
    holder.setAttribute("role", "region");
    holder.setAttribute("aria-label", box.dataset.label);
    holder.style.aspectRatio = drawing.viewBox.baseVal.width + " / " + drawing.viewBox.baseVal.height;
    drawing.before(holder);
    drawing.setAttribute("hidden", "");
    drawing.style.display = "none";
    var map = window.L.map(holder, {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.25,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still
    });
    window.L.control.zoom({ zoomInTitle: box.dataset.nearer, zoomOutTitle: box.dataset.farther }).addTo(map);
    var all = window.L.featureGroup().addTo(map);
    drawing.querySelectorAll("a[data-area]").forEach(function (link) {
      var shape = shapes.features.find(function (feature) { return String(feature.id) === link.dataset.area; });
      if (!shape) return;
      link.querySelectorAll("path").forEach(function (path) {
        var layer = window.L.geoJSON(shape, {
          interactive: !path.classList.contains("unsure"),
          style: function () { return { className: "place " + path.getAttribute("class") }; }
        });
        if (!path.classList.contains("unsure")) {
          layer.bindTooltip(link.getAttribute("aria-label"), { sticky: true });
          layer.on("click", function () { window.location.assign(link.getAttribute("href")); });
        }
        layer.addTo(all);
      });
    });
    ["green", "water"].forEach(function (kind) { ground(map, box, drawing, kind); });
    map.fitBounds(all.getBounds(), { padding: [8, 8] });
    map.setMinZoom(map.getZoom() - 1);
  }

  // Rivers and parks of the drawing, laid where they are on the globe.
  function ground(map, box, drawing, kind) {
    var shape = drawing.querySelector("path." + kind);
    var edges = (box.dataset.bounds || "").split(",").map(Number);
    if (!shape || edges.length !== 4) return;
    var sheet = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    sheet.setAttribute("viewBox", drawing.getAttribute("viewBox"));
    sheet.setAttribute("preserveAspectRatio", "none");
    sheet.appendChild(shape.cloneNode());
    map.createPane(kind).style.zIndex = 450; // above the neighbourhoods, below what they say
    map.getPane(kind).style.pointerEvents = "none";
    window.L.svgOverlay(sheet, [[edges[0], edges[1]], [edges[2], edges[3]]], { pane: kind }).addTo(map);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-map]").forEach(liven);
  });
})();
