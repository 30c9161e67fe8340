/** Headers that follow from the body of a request. */
import type { Codec } from "@tailrace/domain"

export const contentHeaders = (type: string, codec: Codec): Readonly<Record<string, string>> =>
  codec === "none" ? { "Content-Type": type } : { "Content-Type": type, "Content-Encoding": codec }

/** `Basic` (RFC 7617) of a user and a secret. */
export const basicCredential = (user: string, secret: string): string =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`

/** Forms in which a service might repeat a credential: what was typed, what went over the wire, and both quoted. */
export const secretForms = (secret: string, credential = ""): ReadonlyArray<string> =>
  [credential, credential.replace(/^\w+ /, ""), secret]
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form.toWellFormed())])
    .filter((form, index, forms) => form !== "" && forms.indexOf(form) === index)
