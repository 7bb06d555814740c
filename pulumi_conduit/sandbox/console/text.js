// Text from the state, as something to read: it becomes text nodes and properties only, never markup.

const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Return a text with everything escaped that could hide, or turn the text around it. */
export function shown(text) {
  return String(text).replace(STEERING, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
}

/** Return a new element with these properties and children; a string becomes a text node. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Return the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Return a moment as the clock here shows it, such as "2026-11-26 22:16:33": that is how Swedish writes it. */
export const momentOf = (stamp) => new Date(stamp).toLocaleString("sv");

/** Return "1 person", "2 people". */
export const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
