/**
 * The worker thread that owns the log's file. It takes commits before anything else, and everything else in turn, so
 * that neither many readers hold up a writer nor one reader another.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"
import type { Answer, Opened, Reply, Request, WorkerOptions } from "../WorkerMessage.ts"
import { type Answering, makeAnswering } from "./Answering.ts"
import { boundsOf } from "./LaneTable.ts"
import { InUse, openDatabase, type OpenedDatabase } from "./OpenDatabase.ts"
import { isFull, reasonOf, whyUnusable } from "./SqliteError.ts"

if (parentPort === null) throw new Error("the log's worker runs only as a worker thread")
const port = parentPort

const buffersOf = (answer: Answer): ReadonlyArray<ArrayBuffer> => {
  if (answer.kind === "committed") return answer.spare
  return answer.kind === "chunk" ? [answer.chunk.bytes.buffer, answer.chunk.offsets.buffer] : []
}

const send = (id: number, answer: Answer): void => {
  const reply: Reply = { ...answer, id }
  port.postMessage(reply, buffersOf(answer))
}

const commits: Array<Request> = []
const others: Array<Request> = []

const sort = (request: Request): void => void (request.kind === "commit" ? commits : others).push(request)

const sortWaiting = (): void => {
  for (let found = receiveMessageOnPort(port); found !== undefined; found = receiveMessageOnPort(port)) {
    sort(found.message)
  }
}

const handle = (request: Request, opened: OpenedDatabase, answering: Answering): void => {
  try {
    if (request.kind !== "close") return send(request.id, answering.answer(request))
    opened.close()
    send(request.id, { kind: "done" })
    port.close()
  } catch (error) {
    send(request.id, { kind: "failed", full: isFull(error), reason: reasonOf(error) })
  }
}

const serve = (opened: OpenedDatabase, answering: Answering): void => {
  port.on("message", (request: Request) => {
    sort(request)
    sortWaiting()
    for (let next = commits.shift() ?? others.shift(); next !== undefined; next = commits.shift() ?? others.shift()) {
      handle(next, opened, answering)
      sortWaiting()
    }
  })
}

const tell = (opened: Opened): void => port.postMessage(opened)

const answeringOn = (opened: OpenedDatabase, options: WorkerOptions): Answering => {
  try {
    return makeAnswering(opened.db, options)
  } catch (error) {
    opened.close()
    throw error
  }
}

const start = (options: WorkerOptions): void => {
  try {
    const opened = openDatabase(options)
    const answering = answeringOn(opened, options)
    serve(opened, answering)
    tell({ kind: "opened", bounds: [...answering.tables.values()].map(boundsOf) })
  } catch (error) {
    tell(error instanceof InUse ? { kind: "inUse" } : { kind: "unusable", reason: whyUnusable(error) })
    port.close()
  }
}

start(workerData)
