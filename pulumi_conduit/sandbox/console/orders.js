// The orders that this page gives: the operator's own requests, each an edit that no API call made.

import { byId, shown } from "./text.js";

const BASE = "/_sandbox";
let afterwards = () => {};

/** Call this after each order, for the state is another one then. */
export function afterEachOrder(then) {
  afterwards = then;
}

/** Send an order and say how it went; throws what the sandbox says against it. */
export async function order(method, path, body, done) {
  const wanted = { method, cache: "no-store", headers: { "Content-Type": "application/json" } };
  const answer = await fetch(BASE + path, body === undefined ? wanted : { ...wanted, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await reason(answer));
  byId("done").textContent = shown(done);
  byId("done").className = "";
  afterwards();
}

/** Send an order from where nothing else could show that it failed. */
export async function tell(method, path, body, done) {
  try {
    await order(method, path, body, done);
  } catch (error) {
    byId("done").textContent = shown(error.message);
    byId("done").className = "problem";
  }
}

export const userPath = (email) => `/users/${encodeURIComponent(email)}`;
export const companyPath = (app, id) => `/apps/${encodeURIComponent(app)}/companies/${encodeURIComponent(id)}`;

async function reason(answer) {
  try {
    return Object.values(await answer.json()).join(" ") || `answered ${answer.status}`;
  } catch {
    return `answered ${answer.status}`;
  }
}
