/** A thread that runs seeds: it is given one at a time, and answers with what came of it. */
import { parentPort } from "node:worker_threads"
import { plantedBugs } from "../planted/bugs.ts"
import { realDelivery } from "./realDelivery.ts"
import { simulate } from "./simulate.ts"

export type BugName = keyof typeof plantedBugs

export interface Job {
  readonly seed: number
  readonly bug: BugName | null
}

parentPort?.on("message", ({ bug, seed }: Job) => {
  const subject = { delivery: realDelivery, ...(bug === null ? {} : { wraps: plantedBugs[bug] }) }
  parentPort?.postMessage(simulate(seed, subject, { keepTrace: false }))
})
