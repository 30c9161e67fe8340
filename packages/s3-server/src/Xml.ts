/** The little XML that S3's answers need. Writing only. */
export type Xml = string | number | boolean | ReadonlyArray<Element>

export type Element = readonly [name: string, content: Xml]

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&apos;"
}

const escape = (text: string) =>
  text.replace(/[&<>"']/g, (char) => escapes[char] ?? char)
    // What XML 1.0 cannot hold at all.
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")

const render = ([name, content]: Element): string => {
  const inner = Array.isArray(content) ? content.map(render).join("") : escape(String(content))
  return `<${name.split(" ")[0]}${name.slice((name.split(" ")[0] ?? "").length)}>${inner}</${name.split(" ")[0]}>`
}

/** `name` may carry attributes: `ListBucketResult xmlns="…"`. */
export const document = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>\n${render(root)}`

export const s3Namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
