/**
 * Adapter: node's agents with the guard inside. The addresses that were checked are the ones that are connected to
 * (no second resolution), whether the host is a name or a literal.
 */
import { Effect, Option } from "effect"
import { lookup, type LookupAddress } from "node:dns"
import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import type { Duplex } from "node:stream"

export interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** Why not to connect to `ip`; none: connect. */
export type Refusal = (ip: string, protocol: "http" | "https") => Option.Option<string>

export type Resolve = (
  host: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: ReadonlyArray<LookupAddress>) => void
) => void

/** getaddrinfo, so that the machine's own hosts file and search domains count. */
export const resolveBySystem: Resolve = (host, answer) =>
  lookup(host, { all: true }, (error, addresses) => answer(error, addresses))

export const refusedCode = "ERR_ADDRESS_REFUSED"

/** Thrown by node's request, with the guard's reason. */
const refusedError = (host: string, reason: string): NodeJS.ErrnoException => {
  const where = host === reason.split(" ")[0] ? "" : `${host}: `
  return Object.assign(new Error(`${where}${reason}, and not in a range that the operator allows`), {
    code: refusedCode
  })
}

const notFound = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" })

const guardedLookup =
  (check: (ip: string) => Option.Option<string>, resolve: Resolve): LookupFunction => (host, options, answer) =>
    resolve(host, (error, addresses) => {
      const [first] = addresses
      const refused = addresses.map(({ address }) => check(address)).find(Option.isSome)
      if (error !== null) return answer(error, [])
      if (first === undefined) return answer(notFound(host), [])
      if (refused !== undefined) return answer(refusedError(host, refused.value), [])
      return options.all === true ? answer(null, [...addresses]) : answer(null, first.address, first.family)
    })

/** Literals never reach `lookup`, node connects to them at once; so a refused one becomes a name whose lookup fails. */
const checkLiteral = <Options extends ClientRequestArgs>(
  options: Options,
  check: (ip: string) => Option.Option<string>
): Options => {
  const host = (options.host ?? "localhost").replace(/^\[|\]$/g, "")
  return Option.match(isIP(host) === 0 ? Option.none() : check(host), {
    onNone: () => options,
    onSome: (reason) => ({
      ...options,
      host: "refused.invalid",
      lookup: (_host, _options, answer) => answer(refusedError(host, reason), [])
    })
  })
}

const agentOptions = (lookup: LookupFunction): AgentOptions & { readonly lookup: LookupFunction } => ({
  lookup,
  keepAlive: true,
  // A free socket is closed before servers usually close it, so that a request rarely meets a dying one.
  timeout: 4_000,
  // Free sockets for each host. Sockets in use are bounded by the legs: each has one request under way.
  maxFreeSockets: 8
})

type Connected = (error: Error | null, stream: Duplex) => void

class GuardedHttpAgent extends HttpAgent {
  readonly #check: (ip: string) => Option.Option<string>
  constructor(check: (ip: string) => Option.Option<string>, resolve: Resolve) {
    super(agentOptions(guardedLookup(check, resolve)))
    this.#check = check
  }
  override createConnection(options: ClientRequestArgs, connected?: Connected) {
    return super.createConnection(checkLiteral(options, this.#check), connected)
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  readonly #check: (ip: string) => Option.Option<string>
  constructor(check: (ip: string) => Option.Option<string>, resolve: Resolve) {
    super(agentOptions(guardedLookup(check, resolve)))
    this.#check = check
  }
  override createConnection(options: ClientRequestArgs, connected?: Connected) {
    return super.createConnection(checkLiteral(options, this.#check), connected)
  }
}

/**
 * Lookups of a name that is being looked up wait for that answer: while a name server is silent, each holds one of the
 * few threads that files and compression need too.
 */
const shared = (resolve: Resolve): Resolve => {
  const waiting = new Map<string, Array<Parameters<Resolve>[1]>>()
  return (host, answer) => {
    const before = waiting.get(host)
    const answers = before ?? []
    answers.push(answer)
    if (before !== undefined) return
    waiting.set(host, answers)
    resolve(host, (error, addresses) => {
      waiting.delete(host)
      for (const each of answers) each(error, addresses)
    })
  }
}

/** One pair for the whole process: connections are shared between destinations on the same host. */
export const guardedAgents = (refusal: Refusal, resolve: Resolve) =>
  Effect.acquireRelease(
    Effect.sync((): Agents => {
      const once = shared(resolve)
      return {
        http: new GuardedHttpAgent((ip) => refusal(ip, "http"), once),
        https: new GuardedHttpsAgent((ip) => refusal(ip, "https"), once)
      }
    }),
    (agents) =>
      Effect.sync(() => {
        agents.http.destroy()
        agents.https.destroy()
      })
  )
