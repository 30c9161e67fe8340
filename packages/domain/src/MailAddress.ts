/** What may stand where mail is sent to and by: of texts that operators type, and of login names. Pure. */
import { Option } from "effect"

const address = /^[^\s@<>",;:()[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

/** One plain address, without a name beside it. */
export const isMailAddress = (text: string): boolean => text.length <= 254 && address.test(text)

/** Names that belong to nobody (RFC 2606): the first tailnet's Owner has such a login name until there is another. */
const reserved = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$/i

/** Whether mail to a login name may reach somebody. */
export const isDeliverable = (text: string): boolean =>
  isMailAddress(text) && !reserved.test(text.slice(text.indexOf("@") + 1))

/**
 * Where mail is handed over: `smtp://` or `smtps://`, `user:password@host:port`, nothing behind it. None: no such URL.
 *
 * @example
 * ```ts
 * parseSmtpUrl("smtps://user:p%40ss@mail.example.com") // => Some; the password reads "p@ss" once it is decoded
 * ```
 */
export const parseSmtpUrl = (text: string): Option.Option<URL> =>
  Option.filter(
    Option.fromNullishOr(URL.parse(text)),
    ({ hash, hostname, password, pathname, protocol, search, username }) =>
      (protocol === "smtp:" || protocol === "smtps:") && hostname !== "" && (username === "") === (password === "") &&
      (pathname === "" || pathname === "/") && search === "" && hash === "" && isEncoded(username + password)
  )

const isEncoded = (text: string): boolean => !/%(?![0-9A-Fa-f]{2})/.test(text)
