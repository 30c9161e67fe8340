/**
 * The cookies of one channel: a load balancer in front of several indexers needs them to send a question about an
 * acknowledgement to the one that knows it (Splunk, "About HTTP Event Collector indexer acknowledgment"). Paths and
 * ages are not looked at: all requests go to one host, and a channel does not live long.
 */

const most = 10
const longest = 4096

/** Several `Set-Cookie` headers come joined; a comma may also stand in an expiry date. */
const pairs = (header: string): ReadonlyArray<string> =>
  header.split(/,(?=\s*[^;,=\s]+=)/).map((cookie) => (cookie.split(";", 1)[0] ?? "").trim())

/** Name and value as they go into a request, by name. */
export type Cookies = ReadonlyMap<string, string>

const isUsable = (pair: string): boolean =>
  pair.indexOf("=") > 0 && pair.length <= longest && /^[\x20-\x7e]*$/.test(pair)

/** With those that an answer sets. */
export const withCookies = (held: Cookies, setCookie: string | undefined): Cookies => {
  if (setCookie === undefined) return held
  const named = pairs(setCookie).filter(isUsable).map((pair) => [pair.slice(0, pair.indexOf("=")), pair] as const)
  return new Map([...held, ...named].slice(-most))
}

/** What goes into a request. */
export const cookieHeader = (held: Cookies): Readonly<Record<string, string>> =>
  held.size === 0 ? {} : { Cookie: [...held.values()].join("; ") }
