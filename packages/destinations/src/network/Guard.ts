/**
 * The one door for outgoing connections of every destination: resolve, check every address, pin. Public hosts need
 * HTTPS and a public address; everything else only inside the ranges that the operator allows. Nobody else opens
 * sockets for a destination. The rules are pure; the sockets are `GuardedAgents`.
 */
import { Context, Effect, Layer, Option, Result } from "effect"
import { InvalidDestination } from "../ObjectStore.ts"
import { type Address, contains, mappedV4, parseAddress } from "./Address.ts"
import { type AllowedRanges, AllowedRangesConfig } from "./AllowedRanges.ts"
import { type Agents, guardedAgents, type Resolve, resolveBySystem } from "./GuardedAgents.ts"
import { globalUnicast, specialRanges } from "./SpecialRanges.ts"

/** `allowed`: inside the operator's ranges, where plain HTTP is allowed too. */
export type Verdict = "public" | "allowed"

const special = (address: Address): Option.Option<string> => {
  const found = specialRanges.find(({ range }) => contains(range, address))
  if (found !== undefined) return Option.some(found.what)
  return address.bits === 32 || contains(globalUnicast, address) ? Option.none() : Option.some("not a public address")
}

/**
 * Whether a connection to this address may be opened. The failure says why not, as in "10.0.0.1 is a private address".
 * An IPv4-mapped address counts as allowed when the IPv4 address inside is.
 */
export const checkAddress = (ip: string, allowed: AllowedRanges): Result.Result<Verdict, string> => {
  const parsed = parseAddress(ip)
  if (Option.isNone(parsed)) return Result.fail(`${ip} is not an IP address`)
  const real = Option.getOrElse(mappedV4(parsed.value), () => parsed.value)
  if (allowed.some((range) => contains(range, real) || contains(range, parsed.value))) return Result.succeed("allowed")
  return Option.match(special(parsed.value), {
    onNone: () => Result.succeed("public"),
    onSome: (what) => Result.fail(`${ip} is ${what}`)
  })
}

const loopbackName = /^(.+\.)?localhost\.?$/

/** Addresses that are certain without asking anybody: literals, and `localhost` (RFC 6761). */
const knownAddress = (host: string): Option.Option<string> => {
  if (Option.isSome(parseAddress(host))) return Option.some(host.replace(/^\[|\]$/g, ""))
  return loopbackName.test(host) ? Option.some("127.0.0.1") : Option.none()
}

const refuse = (reason: string) => Result.fail(new InvalidDestination({ field: "url", reason }))

const checkParts = (url: URL) => {
  if (url.protocol !== "https:" && url.protocol !== "http:") return refuse("only https:// and http:// are possible")
  if (url.username !== "" || url.password !== "") return refuse("must not contain a user name or password")
  if (url.search !== "" || url.hash !== "") return refuse("must not contain a query or a fragment")
  return Result.succeed(url)
}

const needsHttps = "a public host needs https:// (plain http:// is only for addresses that the operator allows)"

const checkHost = (url: URL, allowed: AllowedRanges): Result.Result<URL, InvalidDestination> => {
  const plain = url.protocol === "http:"
  const known = knownAddress(url.hostname)
  // A name is resolved when it is connected to; then every address is checked again, also for plain HTTP.
  if (Option.isNone(known)) return plain && allowed.length === 0 ? refuse(needsHttps) : Result.succeed(url)
  return Result.match(checkAddress(known.value, allowed), {
    onFailure: (reason) => refuse(`${reason}, and not in a range that the operator allows`),
    onSuccess: (verdict) => plain && verdict === "public" ? refuse(needsHttps) : Result.succeed(url)
  })
}

/** What can be said about an endpoint without resolving it: for the API, when a destination is put. */
export const checkUrl = (url: string, allowed: AllowedRanges): Result.Result<URL, InvalidDestination> =>
  Result.fromNullishOr(URL.parse(url), () => new InvalidDestination({ field: "url", reason: "is not a URL" })).pipe(
    Result.flatMap(checkParts),
    Result.flatMap((parsed) => checkHost(parsed, allowed))
  )

/** The same for a service whose URL is used as given, query included. */
export const checkUrlAsGiven = (url: string, allowed: AllowedRanges): Result.Result<URL, InvalidDestination> => {
  if (url.includes("#")) return refuse("must not contain a fragment")
  return Result.map(checkUrl(url.replace(/\?.*$/s, ""), allowed), () => new URL(url))
}

/** Why an address may not be connected to with this protocol; none if it may. */
const refusal = (allowed: AllowedRanges) => (ip: string, protocol: "http" | "https"): Option.Option<string> =>
  Result.match(checkAddress(ip, allowed), {
    onFailure: (reason) => Option.some(reason),
    onSuccess: (verdict) =>
      protocol === "http" && verdict === "public" ? Option.some(`${ip} is public and needs https://`) : Option.none()
  })

export class Guard extends Context.Service<Guard, {
  readonly allowed: AllowedRanges
  /** Agents for node's `http` and `https`: every socket they open is resolved, checked and pinned. */
  readonly agents: Agents
}>()("@tailrace/destinations/Guard") {
  /** Idle connections are closed with the layer's scope. `resolve` is for tests. */
  static readonly layer = (allowed: AllowedRanges, resolve: Resolve = resolveBySystem) =>
    Layer.effect(
      Guard,
      Effect.map(guardedAgents(refusal(allowed), resolve), (agents) => Guard.of({ allowed, agents }))
    )

  /** From `TAILRACE_ALLOW_ENDPOINTS`. */
  static readonly layerConfig = Layer.unwrap(Effect.map(AllowedRangesConfig, (allowed) => Guard.layer(allowed)))
}
