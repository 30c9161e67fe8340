/** JSON objects one behind the other, with or without space between them, as HEC bodies hold them. */

export interface Objects {
  readonly objects: ReadonlyArray<string>
  /** The last one has no end. */
  readonly cut: boolean
}

/** Index behind the object that begins at `start`; -1: it has no end. */
const endOf = (text: string, start: number): number => {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === "\\" && quoted) at++
    else if (character === "\"") quoted = !quoted
    else if (quoted) continue
    else if (character === "{") depth++
    else if (character === "}" && --depth === 0) return at + 1
  }
  return -1
}

export const objectsOf = (text: string): Objects => {
  const objects: Array<string> = []
  let at = text.search(/\S/)
  while (at >= 0 && at < text.length) {
    const end = endOf(text, at)
    if (end < 0) return { objects, cut: true }
    objects.push(text.slice(at, end))
    const rest = text.slice(end).search(/\S/)
    at = rest < 0 ? -1 : end + rest
  }
  return { objects, cut: false }
}
