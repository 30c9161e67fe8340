/** What an owner may read of a service's words: short, on one line, without anything that could be a secret. */

/** Length of what an owner is shown of a service's answer. */
const textLength = 300

const signatures = /\b(X-Amz-)?(Signature|Credential|Security-Token|sig)=[^\s,;&"<]+/gi

// oxlint-disable-next-line no-control-regex -- a terminal shows these messages
const controls = /[\u0000-\u001f\u007f-\u009f]+/g

const withoutSecret = (text: string, secret: string) => secret === "" ? text : text.replaceAll(secret, "[secret]")

/** At most 300 characters. `secrets` are cut out wherever a service might echo them. */
export const ownersText = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets.reduce(withoutSecret, text)
    .replace(signatures, "$2=[hidden]")
    .replace(controls, " ")
    .trim()
    .slice(0, textLength)
    .toWellFormed()

/** The words of a page that a proxy sends in the place of an answer. */
export const withoutMarkup = (text: string): string =>
  /^\s*</.test(text)
    ? text.replaceAll(/<(script|style)\b[^]*?<\/\1>/gi, " ").replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ").trim()
    : text
