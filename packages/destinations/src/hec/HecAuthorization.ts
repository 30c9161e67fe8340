/**
 * How a token goes into `Authorization`. Splunk takes `Splunk <token>` and Basic with any user name; Vector compares
 * the whole header with `Splunk <token>`; others want `Bearer`, or the token alone.
 */
import type { HecConfig, HecScheme } from "@tailrace/domain"
import { basicCredential } from "../http/requestHeaders.ts"

/** What `auto` stands for is settled. */
export type Scheme = Exclude<HecScheme, "auto">

const schemes: ReadonlyArray<string> = ["splunk", "basic", "bearer", "verbatim"] satisfies ReadonlyArray<Scheme>

export const isScheme = (text: string | undefined): text is Scheme => text !== undefined && schemes.includes(text)

/** Splunk looks at the password alone; some of its kin want a user to be there. */
const anyUser = "tailrace"

export const userOf = ({ user = "" }: HecConfig): string => user

export const credential = (scheme: Scheme, config: HecConfig, token: string): string => {
  if (scheme === "basic") return basicCredential(userOf(config) || anyUser, token)
  if (scheme === "verbatim") return token
  return scheme === "splunk" ? `Splunk ${token}` : `Bearer ${token}`
}

/**
 * The schemes to try, in this order. With `auto` a token that has the word `Splunk` in front is sent as typed;
 * otherwise Basic goes first where a user is given (Tailscale's clients always give one), else `Splunk <token>`.
 */
export const splunkSchemes = (config: HecConfig, token: string): ReadonlyArray<Scheme> => {
  if (config.scheme !== "auto") return [config.scheme]
  if (/^splunk /i.test(token)) return ["verbatim"]
  return userOf(config) === "" ? ["splunk", "basic"] : ["basic", "splunk"]
}

/** Of a type whose `auto` is one scheme, or one after another. */
export const schemesFrom = (...usual: ReadonlyArray<Scheme>) => ({ scheme }: HecConfig): ReadonlyArray<Scheme> =>
  scheme === "auto" ? usual : [scheme]
