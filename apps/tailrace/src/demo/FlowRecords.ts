/**
 * Network flow records as nodes report them: five-second windows with the counters of a few connections. Same seed,
 * same records. In the poll form without `logged`, which the ingest puts in.
 */
import { Clock, DateTime, Effect, Random } from "effect"
import { laptops, type Node, servers } from "./Tailnet.ts"

/** Counters of one connection in one window, as in Tailscale's `netlogtype.ConnectionCounts`. */
export interface Counts {
  readonly proto?: number
  readonly src: string
  readonly dst: string
  readonly txPkts: number
  readonly txBytes: number
  readonly rxPkts: number
  readonly rxBytes: number
}

export interface FlowRecord {
  readonly nodeId: string
  readonly start: string
  readonly end: string
  readonly srcNode: Omit<Node, "endpoint">
  readonly dstNodes: ReadonlyArray<Omit<Node, "endpoint">>
  readonly virtualTraffic: ReadonlyArray<Counts>
  readonly subnetTraffic?: ReadonlyArray<Counts>
  readonly physicalTraffic: ReadonlyArray<Counts>
}

const windowMillis = 5_000
const tcp = 6
const udp = 17

/** Port and protocol of what the servers offer. */
const services = [[443, tcp], [22, tcp], [5432, tcp], [53, udp], [9090, tcp]] as const

const withoutEndpoint = ({ endpoint: _, ...node }: Node): Omit<Node, "endpoint"> => node

const traffic = Effect.gen(function*() {
  const txPkts = yield* Random.nextIntBetween(1, 400)
  const rxPkts = yield* Random.nextIntBetween(1, 900)
  return {
    txPkts,
    txBytes: txPkts * (yield* Random.nextIntBetween(60, 400)),
    rxPkts,
    rxBytes: rxPkts * (yield* Random.nextIntBetween(80, 1_280))
  }
})

const connection = Effect.fnUntraced(function*(from: Node, to: Node) {
  const [port, proto] = yield* Random.choice(services)
  const family = (yield* Random.next) < 0.2 ? 1 : 0
  const ephemeral = yield* Random.nextIntBetween(32_768, 60_999)
  const at = (node: Node, number: number) =>
    family === 0 ? `${node.addresses[0]}:${number}` : `[${node.addresses[1]}]:${number}`
  return { proto, src: at(from, ephemeral), dst: at(to, port), ...(yield* traffic) }
})

const underlay = Effect.fnUntraced(function*(to: Node) {
  return { src: `${to.addresses[0]}:0`, dst: to.endpoint, ...(yield* traffic) }
})

/** A printer behind the subnet router, now and then. */
const toOffice = Effect.fnUntraced(function*(from: Node) {
  if ((yield* Random.next) > 0.1) return {}
  const ephemeral = yield* Random.nextIntBetween(32_768, 60_999)
  const printer = { proto: tcp, src: `${from.addresses[0]}:${ephemeral}`, dst: "192.168.20.17:631" }
  return { subnetTraffic: [{ ...printer, ...(yield* traffic) }] }
})

/** What one laptop did in the last five seconds. */
export const flowRecord: Effect.Effect<FlowRecord> = Effect.gen(function*() {
  const end = (yield* Clock.currentTimeMillis) - (yield* Random.nextIntBetween(200, 2_500))
  const from = yield* Random.choice(laptops)
  const peers = (yield* Random.shuffle(servers)).slice(0, yield* Random.nextIntBetween(1, 3))
  return {
    nodeId: from.nodeId,
    start: instant(end - windowMillis),
    end: instant(end),
    srcNode: withoutEndpoint(from),
    dstNodes: peers.map(withoutEndpoint),
    virtualTraffic: yield* Effect.forEach(peers, (peer) => connection(from, peer)),
    ...(yield* toOffice(from)),
    physicalTraffic: yield* Effect.forEach(peers, underlay)
  }
}).pipe(Effect.orDie)

const instant = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
