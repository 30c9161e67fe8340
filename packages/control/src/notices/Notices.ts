/**
 * Tells owners what happens to their destinations. Every control process looks; whose `NoticeTaken` the control log
 * takes tells it, and notes that it was told (decision 10). Nothing is looked at where no channel is configured.
 */
import { Tailnet } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Layer, Metric, Schedule } from "effect"
import { mintHex } from "../access/Credential.ts"
import { systemActor } from "../Bootstrap.ts"
import { Backlog } from "../ledger/Backlog.ts"
import { DestinationReport } from "../ledger/DestinationReport.ts"
import { LedgerProjection } from "../ledger/LedgerProjection.ts"
import type { Channel } from "./Channel.ts"
import { type Notice, noticeOf } from "./Notice.ts"
import { retentionLook } from "./RetentionLook.ts"
import { type Due, Watch } from "./Watch.ts"

const lookEvery = "30 seconds"
const measureEvery = "10 minutes"

/** Notices that one look sends: an outage of everything shall not become a flood. The rest comes with the next ones. */
export const maxNoticesALook = 20

/** Attempts of one look. */
const attempts = { times: 2, schedule: Schedule.exponential("2 seconds") }

const notices = Metric.counter("tailrace_control_notices_total", {
  description: "Notices to owners, by kind, channel and whether it took them",
  incremental: true
})

/** What tells this notice from an earlier one of its kind, in whatever process. */
const occasionOf = ({ health, kind, told }: Due): number => {
  if (kind === "suspended") return health.suspendedSince ?? 0
  return (kind === "recovered" ? told.suspended.givenAt : told.retention.givenAt) ?? 0
}

const sinceOf = ({ health, kind }: Due, oldestMillis: number): number | null => {
  if (kind === "retention") return oldestMillis
  return kind === "suspended" ? health.suspendedSince : health.wellSince
}

const count = (channel: Channel, { kind }: Notice, result: "told" | "failed") =>
  Metric.update(Metric.withAttributes(notices, { kind, channel: channel.name, result }), 1)

/** Whether it was told. */
const tellBy = Effect.fnUntraced(function*(channel: Channel, notice: Notice, owner: string | undefined) {
  const problem = yield* channel.tell(notice, owner).pipe(
    Effect.retry(attempts),
    Effect.as(null),
    Effect.catch(({ reason }) => Effect.succeed(reason))
  )
  yield* count(channel, notice, problem === null ? "told" : "failed")
  if (problem === null) return true
  const subject = { tailnet: notice.tailnet, destination: notice.destination.id, kind: notice.kind }
  yield* Effect.logWarning(`a notice was not told: ${problem}`).pipe(Effect.annotateLogs(subject))
  return false
})

const make = Effect.fnUntraced(function*(channels: ReadonlyArray<Channel>) {
  const control = yield* ControlLog
  const ledger = yield* LedgerProjection
  const report = yield* DestinationReport
  const look = yield* retentionLook
  const process = yield* mintHex
  const watch = new Watch((destination) => ledger.legs(destination))

  const execute = Effect.fnUntraced(function*({ destination, kind, tailnet }: Due, tag: "TakeNotice" | "NoteNotice") {
    const [commandId, eventGroupID] = yield* Effect.all([mintHex, mintHex])
    const at = yield* Clock.currentTimeMillis
    const envelope = { tailnet: tailnet.name, commandId, eventGroupID, origin: "CONTROL" as const, at }
    const command = { _tag: tag, destination: destination.id, kind, by: process }
    return yield* control.execute({ ...envelope, actor: systemActor, command })
  })
  const compose = Effect.fnUntraced(function*(due: Due) {
    const status = yield* report.status(due.tailnet, due.destination)
    const now = yield* Clock.currentTimeMillis
    const since = sinceOf(due, now - status.lagSeconds * 1000)
    return noticeOf({ ...due, status, now, since, occasion: occasionOf(due) })
  })
  const tell = Effect.fn("Notices.tell")(function*(due: Due) {
    const { events } = yield* execute(due, "TakeNotice")
    if (events.length === 0) return
    const notice = yield* compose(due)
    const owner = Tailnet.ownerOf(due.tailnet)?.loginName
    const results = yield* Effect.forEach(channels, (channel) => tellBy(channel, notice, owner), {
      concurrency: "unbounded"
    })
    if (!results.includes(true)) return watch.failed(due, yield* Clock.currentTimeMillis)
    watch.told(due)
    yield* execute(due, "NoteNotice")
  }, Effect.catch((error) => Effect.logWarning(`a notice is told later: ${error.message}`)))

  const caughtUp = Effect.all([control.caughtUp, ledger.caughtUp], { discard: true })
  const tellDue = Effect.gen(function*() {
    yield* caughtUp
    const due = watch.due(control.tailnets(), yield* Clock.currentTimeMillis)
    yield* Effect.forEach(due.slice(0, maxNoticesALook), tell, { concurrency: 4, discard: true })
  })
  const measure = Effect.gen(function*() {
    yield* caughtUp
    watch.near = yield* look(control.tailnets())
  })
  const late = (error: { readonly message: string }) => Effect.logWarning(`owners are told later: ${error.message}`)
  yield* measure.pipe(Effect.catch(late), Effect.repeat(Schedule.spaced(measureEvery)), Effect.forkScoped)
  yield* tellDue.pipe(Effect.catch(late), Effect.repeat(Schedule.spaced(lookEvery)), Effect.forkScoped)
})

/** Runs as long as its layer, in every control process; does nothing without a channel. */
export const noticesLayer = (channels: ReadonlyArray<Channel>) =>
  Layer.effectDiscard(channels.length === 0 ? Effect.void : make(channels)).pipe(
    Layer.provide([DestinationReport.layer, Backlog.layer])
  )
