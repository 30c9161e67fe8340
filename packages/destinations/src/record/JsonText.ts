/**
 * Steps over JSON text as bytes: where a string or a value ends. It looks at structure only; text that is no JSON may
 * be stepped over as if it were.
 */

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

export const skipSpace = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end && isSpace(bytes[at])) at++
  return at
}

/** Behind the string that opens at `from`; -1 if it does not end. */
export const stringEnd = (bytes: Uint8Array, from: number, end: number): number => {
  for (let at = from + 1; at < end; at++) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at++
  }
  return -1
}

const nestedEnd = (bytes: Uint8Array, from: number, end: number): number => {
  let depth = 0
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === quote) {
      at = stringEnd(bytes, at, end) - 1
      if (at < 0) return -1
    } else if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1
  }
  return -1
}

const scalarEnd = (bytes: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte)) return at > from ? at : -1
  }
  return -1
}

/** Behind the value that begins at `from`; -1 if there is none, or it does not end. */
export const valueEnd = (bytes: Uint8Array, from: number, end: number): number => {
  const first = bytes[from]
  if (first === quote) return stringEnd(bytes, from, end)
  return first === openBrace || first === openBracket ? nestedEnd(bytes, from, end) : scalarEnd(bytes, from, end)
}

/** Whether the bytes from `at` on are these. */
export const isAt = (bytes: Uint8Array, at: number, expected: Uint8Array): boolean => {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[at + index] !== expected[index]) return false
  }
  return true
}
