/**
 * Finds its way in a JSON text that is known to be valid, without making values of it. Positions are indexes of UTF-16
 * units. Not a parser: a text that is not JSON gives nonsense.
 */

const quote = 0x22
const backslash = 0x5c

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

export const skipSpace = (text: string, at: number): number => {
  let index = at
  while (isSpace(text.charCodeAt(index))) index++
  return index
}

const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text.charCodeAt(before - 1) === backslash) before--
  return (at - before) % 2 === 1
}

/** Behind the string that begins at `at`. */
export const endOfString = (text: string, at: number): number => {
  let end = text.indexOf("\"", at + 1)
  while (isEscaped(text, end)) end = text.indexOf("\"", end + 1)
  return end + 1
}

const isOpening = (code: number): boolean => code === 0x7b || code === 0x5b
const isClosing = (code: number): boolean => code === 0x7d || code === 0x5d

const endOfNest = (text: string, at: number): number => {
  let depth = 0
  let index = at
  do {
    const code = text.charCodeAt(index)
    if (code === quote) index = endOfString(text, index)
    else {
      if (isOpening(code)) depth++
      else if (isClosing(code)) depth--
      index++
    }
  } while (depth > 0)
  return index
}

const endOfWord = (text: string, at: number): number => {
  let index = at
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === 0x2c || isClosing(code) || isSpace(code)) return index
    index++
  }
  return index
}

/** Behind the value that begins at `at`. */
export const endOfValue = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  if (code === quote) return endOfString(text, at)
  return isOpening(code) ? endOfNest(text, at) : endOfWord(text, at)
}

/** The place of the next member or element behind a value that ends at `end`; else that of the closing bracket. */
export const afterValue = (text: string, end: number): number => {
  const at = skipSpace(text, end)
  return text[at] === "," ? skipSpace(text, at + 1) : at
}

/** A value's text in one form, whatever its spaces and escapes; numbers stay as they are written. */
export const canonical = (json: string): string =>
  json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) => token[0] === "\"" ? JSON.stringify(JSON.parse(token)) : "")
