"use strict";
const search = document.querySelector(".search");
if (search) {
  search.hidden = false;
  const rows = [...document.querySelectorAll(".grid tbody tr")];
  const words = rows.map((row) => row.querySelector("th").textContent.toLowerCase());
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    rows.forEach((row, place) => row.classList.toggle("unfound", !words[place].includes(wanted)));
  });
}
