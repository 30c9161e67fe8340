/**
 * What destinations do, told to whoever watches the process: one line on stdout for each object delivered, one in the
 * log for what an operator must know. Each failed attempt is not: the status and the metrics have those.
 */
import { LedgerProjection, type LegNews } from "@tailrace/control"
import type { DestinationId, LegEvent } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Console, Effect, Stream } from "effect"

/** What a delivery was, as far as its line says it. */
export interface DeliveredFacts {
  /** Epoch milliseconds. */
  readonly at: number
  readonly tailnet: string
  readonly name: string
  readonly count: number
  readonly bytes: number
  readonly key: string
}

/** One line for each object delivered. */
export const deliveredLine = ({ at, bytes, count, key, name, tailnet }: DeliveredFacts): string => {
  const records = `${count} ${count === 1 ? "record" : "records"}`
  return `${clock(at)}  delivered ${records} (${bytes} bytes) of ${tailnet} to ${name}: ${key}`
}

const clock = (millis: number): string => new Date(millis).toISOString().slice(11, 19)

interface Named {
  readonly tailnet: string
  readonly name: string
}

/** What of a leg's events belongs into the log; undefined: nothing. */
export const warningOf = (event: LegEvent): string | undefined => {
  switch (event._tag) {
    case "Suspended":
      return `suspended, nothing is lost yet: ${event.message}`
    case "RecordsExpired":
      return `retention has taken the records ${event.from} to ${event.to - 1} before they could be delivered`
    case "SealAbandoned":
      return `an object was given up${event.maybeStored ? ", but it may be stored" : ""}: its records are sent again`
    case "BatchQuarantined":
      return `${event.quarantined} records are in quarantine`
    default:
      return undefined
  }
}

const nameOf = (control: ControlLog["Service"], destination: DestinationId): Named => {
  const tailnet = [...control.tailnets()].find(({ destinations }) => destinations.has(destination))
  return { tailnet: tailnet?.name ?? "", name: tailnet?.destinations.get(destination)?.name || destination }
}

const isFirstProbe = (event: LegEvent): boolean => event._tag !== "Suspended" || event.probes <= 1

const tell = (control: ControlLog["Service"], { event, lane }: LegNews): Effect.Effect<void> => {
  const { name, tailnet } = nameOf(control, event.destination)
  if (event._tag === "BatchDelivered") return Console.log(deliveredLine({ ...event, name, tailnet }))
  const subject = { tailnet, destination: event.destination, lane }
  if (event._tag === "Resumed") return Effect.logInfo(`${name} resumed`).pipe(Effect.annotateLogs(subject))
  const warning = isFirstProbe(event) ? warningOf(event) : undefined
  if (warning === undefined) return Effect.void
  return Effect.logWarning(`${name}: ${warning}`).pipe(Effect.annotateLogs(subject))
}

const follow = (isTold: (event: LegEvent) => boolean) =>
  Effect.gen(function*() {
    const control = yield* ControlLog
    const { events } = yield* LedgerProjection
    return yield* events.pipe(
      Stream.filter(({ event }) => isTold(event)),
      Stream.runForEach((news) => tell(control, news)),
      Effect.forkScoped
    )
  })

/** Follows what happens until the scope closes; answers the fiber that does. */
export const tellNews = follow(() => true)

/** The same without a line for each object: for a process that others deliver for. */
export const warnOfNews = follow(({ _tag }) => _tag !== "BatchDelivered")
