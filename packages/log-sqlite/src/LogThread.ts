/**
 * The worker thread as the log sees it: questions with one answer each. Adapter of node:worker_threads; when the
 * thread has ended, every question is answered as failed.
 */
import { Deferred, Effect, type Scope } from "effect"
import { Worker } from "node:worker_threads"
import { DataInUse, DataUnusable, LogEnded } from "./OpenError.ts"
import type { Answer, Opened, PlaceBounds, Question, Reply, Request, WorkerOptions } from "./WorkerMessage.ts"

export interface LogThread {
  /** Bounds of every lane when the file was opened. */
  readonly bounds: ReadonlyArray<PlaceBounds>
  /** Asks at once; `onAnswer` is called exactly once, later. The buffers of `transfer` are given away. */
  ask(question: Question, onAnswer: (answer: Answer) => void, transfer?: ReadonlyArray<ArrayBuffer>): void
  /** Fails when the thread has ended, for whatever reason: then nothing will be read or written any more. */
  readonly ended: Effect.Effect<never, LogEnded>
  /** Ends the thread as a crash would, wherever it is. */
  readonly kill: Effect.Effect<void>
}

/** `ask` for who can wait. */
export const asked = (thread: LogThread, question: Question): Effect.Effect<Answer> =>
  Effect.callback((resume) => thread.ask(question, (answer) => resume(Effect.succeed(answer))))

const closeTimeout = "10 seconds"

/** Source and build lie alike; Node runs both. */
const entryPoint = new URL(`./worker/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

const spawn = (options: WorkerOptions): Worker =>
  new Worker(entryPoint, {
    name: "log",
    workerData: options,
    // node:sqlite still announces itself as experimental; nobody who starts this can do anything about it.
    execArgv: ["--disable-warning=ExperimentalWarning"]
  })

const connect = (worker: Worker, bounds: ReadonlyArray<PlaceBounds>): LogThread => {
  const waiting = new Map<number, (answer: Answer) => void>()
  const whenEnded = Deferred.makeUnsafe<never, LogEnded>()
  let lastId = 0
  let ended: string | undefined
  const failed = (reason: string): Answer => ({ kind: "failed", full: false, reason })
  const end = (reason: string) => {
    ended ??= reason
    Deferred.doneUnsafe(whenEnded, Effect.fail(new LogEnded({ reason: ended })))
    const unanswered = [...waiting.values()]
    waiting.clear()
    for (const onAnswer of unanswered) onAnswer(failed(ended))
  }
  worker.on("message", ({ id, ...answer }: Reply) => {
    const onAnswer = waiting.get(id)
    waiting.delete(id)
    onAnswer?.(answer)
  })
  worker.on("error", (error) => end(`its thread failed: ${String(error)}`))
  worker.on("exit", () => end("it is closed"))
  return {
    bounds,
    ended: Deferred.await(whenEnded),
    ask: (question, onAnswer, transfer = []) => {
      if (ended !== undefined) return onAnswer(failed(ended))
      lastId += 1
      waiting.set(lastId, onAnswer)
      const request: Request = { ...question, id: lastId }
      worker.postMessage(request, transfer)
    },
    kill: Effect.promise(() => worker.terminate())
  }
}

const opening = (options: WorkerOptions): Effect.Effect<LogThread, DataInUse | DataUnusable> =>
  Effect.callback((resume) => {
    const { directory } = options
    const unusable = (reason: string) => resume(Effect.fail(new DataUnusable({ directory, reason })))
    const worker = spawn(options)
    const onError = (error: unknown) => unusable(String(error))
    worker.once("error", onError)
    worker.once("exit", () => unusable("its thread ended"))
    worker.once("message", (opened: Opened) => {
      worker.off("error", onError)
      if (opened.kind === "inUse") return resume(Effect.fail(new DataInUse({ directory })))
      if (opened.kind === "unusable") return unusable(opened.reason)
      resume(Effect.succeed(connect(worker, opened.bounds)))
    })
    return Effect.promise(() => worker.terminate())
  })

const close = (thread: LogThread): Effect.Effect<void> =>
  asked(thread, { kind: "close" }).pipe(
    Effect.interruptible,
    Effect.timeoutOption(closeTimeout),
    Effect.andThen(thread.kill)
  )

/** The thread with its file open; closing the scope closes both. */
export const startThread = (options: WorkerOptions): Effect.Effect<LogThread, DataInUse | DataUnusable, Scope.Scope> =>
  Effect.acquireRelease(opening(options), close, { interruptible: true })
