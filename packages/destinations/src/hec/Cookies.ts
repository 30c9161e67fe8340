/**
 * The cookies of one channel: a load balancer in front of several indexers needs them to send a question about an
 * acknowledgement to the one that knows it (Splunk, "About HTTP Event Collector indexer acknowledgment"). Paths and ages
 * are not looked at: all requests go to one host, and a channel does not live long.
 */

const most = 10
const longest = 4096

/** Several `Set-Cookie` headers come joined; a comma may also stand in an expiry date. */
const pairs = (header: string): ReadonlyArray<string> =>
  header.split(/,(?=\s*[^;,=\s]+=)/).map((cookie) => (cookie.split(";", 1)[0] ?? "").trim())

export class Cookies {
  readonly #held = new Map<string, string>()

  keep(setCookie: string | undefined): void {
    for (const pair of setCookie === undefined ? [] : pairs(setCookie)) {
      const at = pair.indexOf("=")
      const isUsable = at > 0 && pair.length <= longest && /^[\x20-\x7e]*$/.test(pair)
      if (isUsable && (this.#held.has(pair.slice(0, at)) || this.#held.size < most)) {
        this.#held.set(pair.slice(0, at), pair)
      }
    }
  }

  /** What goes into a request. */
  get headers(): Readonly<Record<string, string>> {
    return this.#held.size === 0 ? {} : { Cookie: [...this.#held.values()].join("; ") }
  }
}
