// What the page shows, kept up to date: asked for again and again, but not while nobody looks.

import { byId } from "./text.js";

const EVERY_MS = 1000;
const AFTER_FAILURE_MS = 3000;
const pulse = byId("pulse");
let version = "";
let show = () => {};
let timer;
let isAsking = false;
let isAskedAgain = false;

/** Begin to ask, and hand each new state to this function. */
export function live(then) {
  show = then;
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : askNow()));
  askNow();
}

/** Ask at once: something has just changed. */
export function askNow() {
  clearTimeout(timer);
  if (isAsking) isAskedAgain = true;
  else ask();
}

function rest() {
  clearTimeout(timer);
  tell("paused");
}

async function ask() {
  isAsking = true;
  let wait = AFTER_FAILURE_MS;
  try {
    if (await attempt()) wait = EVERY_MS;
  } finally {
    isAsking = false;
    next(wait);
  }
}

function next(wait) {
  if (document.hidden) return rest();
  timer = setTimeout(ask, isAskedAgain ? 0 : wait);
  isAskedAgain = false;
}

async function attempt() {
  const answer = await answered();
  tell(answer ? "live" : "not reachable");
  if (answer?.state) take(answer.state);
  return Boolean(answer);
}

async function answered() {
  try {
    const answer = await fetch(`/_sandbox/console/view?after=${encodeURIComponent(version)}`, { cache: "no-store" });
    if (!answer.ok) return null;
    return { state: answer.status === 204 ? null : await answer.json() };
  } catch {
    return null;
  }
}

function take(state) {
  show(state);
  version = state.version;
}

function tell(word) {
  if (pulse.textContent === word) return;
  pulse.textContent = word;
  pulse.className = word.replace(" ", "-");
}
