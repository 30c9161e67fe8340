/**
 * One request's records, from scanned object to log entries: checks what each is and whether this tailnet may send it,
 * and encodes it. Nothing is appended here; what a refused record means to the request is the route's decision.
 */
import type { LogType, TailnetName } from "@tailrace/domain"
import type { Entry } from "@tailrace/log"
import type { JsonScanner } from "../json/JsonScanner.ts"
import type { Level } from "../json/Members.ts"
import { type Quoted, RecordEncoder } from "./RecordEncoder.ts"
import { RecordForm } from "./RecordForm.ts"
import { isTimestamp, quotedTime } from "./Timestamp.ts"

/** Why a record is not taken. `flow-logs-off` is about the tailnet, all others about this one record. */
export interface Refused {
  readonly reason: "shape" | "log-type" | "logged" | "size" | "flow-logs-off"
  readonly text: string
}

export interface IntakeOptions {
  readonly tailnet: TailnetName
  /** Time of the request: `logged` of records that have none. */
  readonly nowMillis: number
  readonly maxRecordBytes: number
  /** Why flow records of this tailnet are refused; undefined: they are taken. */
  readonly flowRefusal: string | undefined
  /** The only log type that is taken; undefined: both. */
  readonly only: LogType | undefined
}

/** An object that the scanner has just accepted, and times from around it. */
export interface Candidate {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly level: Level
  /** For a record without `logged`; undefined: the time of the request. */
  readonly recorded: Quoted | undefined
  /** For an audit record without `eventTime`; undefined: its `logged`. */
  readonly eventMillis: number | undefined
}

const whole = (bytes: Buffer): Quoted => ({ bytes, from: 0, to: bytes.length })

const flowWords = "a flow record needs nodeId, start and end"
const auditWords = "an audit record needs action, actor and target"
const words = { configuration: auditWords, network: flowWords } as const

export class RecordIntake {
  readonly entries: Readonly<Record<LogType, Array<Entry>>> = { configuration: [], network: [] }
  readonly #form = new RecordForm()
  readonly #encoder: RecordEncoder
  readonly #options: IntakeOptions
  readonly #scanner: JsonScanner
  readonly #now: Quoted

  constructor(scanner: JsonScanner, options: IntakeOptions) {
    this.#scanner = scanner
    this.#options = options
    this.#encoder = new RecordEncoder(this.#form, scanner.members)
    this.#now = whole(quotedTime(options.nowMillis))
  }

  /** Takes the record, or says why not. */
  take(candidate: Candidate): Refused | undefined {
    this.#form.read(candidate.bytes, this.#scanner.members, candidate.level)
    const kind = this.#form.kind
    if (kind === undefined) return { reason: "shape", text: `${flowWords}, ${auditWords}` }
    return this.#refusal(kind, candidate) ?? this.#encode(kind, candidate)
  }

  #refusal(kind: LogType, { bytes }: Candidate): Refused | undefined {
    const { flowRefusal, only } = this.#options
    if (only !== undefined && only !== kind) {
      return { reason: "log-type", text: `this is a ${kind} record; ${words[only]}` }
    }
    if (kind === "network" && flowRefusal !== undefined) return { reason: "flow-logs-off", text: flowRefusal }
    const logged = this.#ownLogged(bytes)
    if (logged === undefined || isTimestamp(bytes, logged.from, logged.to)) return undefined
    return { reason: "logged", text: "logged is not an RFC 3339 time" }
  }

  #ownLogged(bytes: Buffer): Quoted | undefined {
    const slot = this.#form.slots.of("logged")
    const { members } = this.#scanner
    return slot < 0 ? undefined : { bytes, from: members.valueStart(slot), to: members.valueEnd(slot) }
  }

  #encode(kind: LogType, candidate: Candidate): Refused | undefined {
    const { eventMillis } = candidate
    const logged = this.#ownLogged(candidate.bytes) ?? candidate.recorded ?? this.#now
    const value = this.#encoder.encode({
      bytes: candidate.bytes,
      start: candidate.start,
      end: candidate.end,
      level: candidate.level,
      kind,
      hasLineBreak: this.#scanner.hasLineBreak,
      logged,
      eventMillis
    })
    const { maxRecordBytes, tailnet } = this.#options
    if (value.length > maxRecordBytes) return tooLarge(maxRecordBytes)
    this.entries[kind].push({ key: tailnet, value })
    return undefined
  }
}

export const tooLarge = (maxRecordBytes: number): Refused => ({
  reason: "size",
  text: `a record is at most ${maxRecordBytes} bytes`
})
