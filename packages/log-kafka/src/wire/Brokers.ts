/** The brokers known by number, and a link to each for each purpose, made when it is first wanted. */
import { Effect, Random, Scope, Semaphore } from "effect"
import { type Address, formatAddress, parseAddress } from "./Address.ts"
import type { Purpose } from "./Cluster.ts"
import type { Access } from "./Connection.ts"
import { type BrokerLink, makeLink } from "./Link.ts"
import { Unreachable } from "./Unreachable.ts"

export interface NumberedBroker {
  readonly broker: number
  readonly address: Address
}

export interface Brokers {
  readonly link: (broker: number, purpose: Purpose) => Effect.Effect<BrokerLink>
  /** These are all there are: links to others end, links to those that moved go to their new place. */
  readonly learnAll: (brokers: ReadonlyArray<NumberedBroker>) => void
  readonly learn: (broker: NumberedBroker) => void
  /**
   * Tries one broker after the other until one answers: first those with a connection, then those that are known,
   * then the seeds that are none of them.
   */
  readonly first: <A>(
    purpose: Purpose,
    use: (link: BrokerLink) => Effect.Effect<A, Unreachable>
  ) => Effect.Effect<A, Unreachable>
}

export interface BrokersOptions {
  /** `host:port` each; one that is not is an error of the settings, found at the first use. */
  readonly seeds: ReadonlyArray<string>
  readonly access: Access
}

const noAddress = (seed: string): Effect.Effect<never, Unreachable> =>
  Effect.fail(new Unreachable({ reason: `${seed} is no address: write host:port, or [IPv6]:port`, isRefusal: true }))

const together = (failures: ReadonlyArray<Unreachable>): Unreachable =>
  new Unreachable({
    reason: [...new Set(failures.map(({ reason }) => reason))].join("; "),
    isRefusal: failures.some(({ isRefusal }) => isRefusal)
  })

export const makeBrokers: (options: BrokersOptions) => Effect.Effect<Brokers, never, Scope.Scope> = Effect.fnUntraced(
  function*({ access, seeds }) {
    const scope = yield* Effect.scope
    const making = yield* Semaphore.make(1)
    const links = new Map<string, BrokerLink>()
    const addresses = new Map<number, Address>()

    const linkOf = (name: string, address: () => Address | undefined, purpose: Purpose): Effect.Effect<BrokerLink> => {
      const key = `${name}/${purpose}`
      const make = Effect.gen(function*() {
        const made = links.get(key) ?? (yield* Scope.provide(makeLink({ access, address, name }), scope))
        links.set(key, made)
        return made
      })
      return Effect.suspend(() => {
        const known = links.get(key)
        return known === undefined ? making.withPermit(make) : Effect.succeed(known)
      })
    }

    const link: Brokers["link"] = (broker, purpose) => linkOf(`broker ${broker}`, () => addresses.get(broker), purpose)

    const seedLink = (seed: string, purpose: Purpose): Effect.Effect<BrokerLink, Unreachable> => {
      const address = parseAddress(seed)
      return address === undefined ? noAddress(seed) : linkOf(seed, () => address, purpose)
    }

    const endLinks = (broker: number): void => {
      for (const [key, each] of links) {
        if (key.startsWith(`broker ${broker}/`)) each.end("has moved or left the cluster")
      }
    }

    const learn: Brokers["learn"] = ({ address, broker }) => {
      const known = addresses.get(broker)
      if (known !== undefined && formatAddress(known) === formatAddress(address)) return
      addresses.set(broker, address)
      endLinks(broker)
    }

    const learnAll: Brokers["learnAll"] = (brokers) => {
      // A broker that has just started may not know any yet, not even itself.
      if (brokers.length === 0) return
      const present = new Set(brokers.map(({ broker }) => broker))
      for (const broker of [...addresses.keys()].filter((each) => !present.has(each))) {
        addresses.delete(broker)
        endLinks(broker)
      }
      brokers.forEach(learn)
    }

    const candidates = Effect.fnUntraced(function*(purpose: Purpose) {
      const known = yield* Effect.forEach(
        yield* Random.shuffle([...addresses.keys()]),
        (broker) => link(broker, purpose)
      )
      const addressed = new Set(Array.from(addresses.values(), formatAddress))
      const others = seeds.filter((seed) => !addressed.has(seed))
      const openFirst = known.toSorted((one, other) => Number(other.isOpen()) - Number(one.isOpen()))
      return [...openFirst.map((each) => Effect.succeed(each)), ...others.map((seed) => seedLink(seed, purpose))]
    })

    const first: Brokers["first"] = Effect.fnUntraced(function*(purpose, use) {
      const failures: Array<Unreachable> = []
      for (const candidate of yield* candidates(purpose)) {
        const outcome = yield* Effect.result(Effect.flatMap(candidate, use))
        if (outcome._tag === "Success") return outcome.success
        failures.push(outcome.failure)
      }
      return yield* together(failures)
    })

    return { link, learn, learnAll, first }
  }
)
