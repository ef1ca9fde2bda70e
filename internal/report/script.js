"use strict";
// The page is complete without this. With it, one line follows the pointer through all plots, and each says what
// stands there.
(() => {
  const plots = [...document.querySelectorAll(".time svg.plot")].map((svg) => ({
    svg,
    cursor: svg.querySelector(".cursor"),
    output: (svg.closest(".lane") || svg.closest("figure") || svg).querySelector("output"),
    hits: [...svg.querySelectorAll(".hit")].map((hit) => ({
      from: parseFloat(hit.getAttribute("x")),
      to: parseFloat(hit.getAttribute("x")) + parseFloat(hit.getAttribute("width")),
      text: hit.querySelector("title").textContent,
    })),
  }));
  const show = (x) => {
    for (const plot of plots) {
      if (plot.cursor) {
        plot.cursor.setAttribute("x1", x + "%");
        plot.cursor.setAttribute("x2", x + "%");
      }
      const hit = plot.hits.find((hit) => x >= hit.from && x < hit.to);
      if (plot.output) plot.output.textContent = hit ? hit.text : "";
    }
  };
  const hide = () => {
    for (const plot of plots) {
      if (plot.output) plot.output.textContent = "";
      if (plot.cursor) {
        plot.cursor.setAttribute("x1", "-9");
        plot.cursor.setAttribute("x2", "-9");
      }
    }
  };
  for (const plot of plots) {
    plot.svg.addEventListener("pointermove", (event) => {
      const box = plot.svg.getBoundingClientRect();
      show((100 * (event.clientX - box.left)) / box.width);
    });
    plot.svg.addEventListener("pointerleave", hide);
  }
})();
