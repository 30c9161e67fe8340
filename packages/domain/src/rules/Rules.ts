/**
 * Which records a destination gets, and what of them: data, kept with the configuration version. Our extension.
 * Deciding on a record is `RecordRules`.
 */
import { Schema } from "effect"
import type { LogType } from "../LogType.ts"

/** Kinds of connections that a flow record can hold (`virtualTraffic` …). */
export const TrafficClass = Schema.Literals(["virtual", "subnet", "exit", "physical"])
export type TrafficClass = typeof TrafficClass.Type

const maxWordLength = 256

/** A list that holds something; `message` is said of anything else. */
const some = <S extends Schema.Top>(element: S, most: number, message: string) =>
  Schema.Array(element).annotate({ message }).check(
    Schema.isMinLength(1, { message }),
    Schema.isMaxLength(most, { message })
  )

/** Words of a form. */
const words = (form: RegExp, message: string) => {
  const word = Schema.String.annotate({ message }).check(
    Schema.isPattern(form, { message }),
    Schema.isMaxLength(maxWordLength, { message: `must be a text of at most ${maxWordLength} characters` })
  )
  return Schema.optionalKey(some(word, 100, "must be a list of 1 to 100 texts"))
}

const searched = /^(?:~.+|[^~].*)$/s

const traffic = TrafficClass.annotate({ message: `must be one of ${TrafficClass.literals.join(", ")}` })

/** Holds for a record if each member that is given matches; within a member any of the words may. */
export const RecordMatch = Schema.Struct({
  /** Audit: names as in the API's `event` filter, for example `TAILNET.UPDATE.LOGSTREAM_ENDPOINT`; `*` at an end. */
  events: words(
    /^(?:\*|\*?[A-Z0-9_.]+\*?)$/,
    "must be the name of an event such as NODE.CREATE or TAILNET.UPDATE.ACL; * may stand at either end"
  ),
  /** Audit: an actor's id or login name, or `~text` to search in login and display name. */
  actors: words(searched, "must be an actor's id or login name, or ~ and a text to search for"),
  /**
   * Flow: the id of the reporting node or of one that it met, or `~text` to search in the names and addresses of these
   * and in the addresses of all connections. Tailscale verifies the reporter's id only; the rest is self-reported.
   */
  nodes: words(searched, "must be a node's id, or ~ and a text to search for"),
  /** Flow: it holds connections of such a class. */
  traffic: Schema.optionalKey(some(traffic, 4, "must be a list of 1 to 4 classes of traffic"))
}).annotate({ message: "must be an object with events, actors, nodes or traffic" }).check(
  Schema.makeFilter(
    (match) => Object.keys(match).length > 0,
    { message: "must hold at least one of events, actors, nodes, traffic" }
  )
)
export type RecordMatch = typeof RecordMatch.Type

/** `mask`: becomes `"***"`. `hash`: a keyed hash, the same value always the same. `drop`: the member is left out. */
export const RedactionKind = Schema.Literals(["mask", "hash", "drop"])
export type RedactionKind = typeof RedactionKind.Type

const fieldMessage = "must be 1 to 8 members' names of letters, digits, _ and -, joined by dots"
const loggedMessage = "must not be logged: every record begins with it, and it says when the log took the record"

export const Redaction = Schema.Struct({
  /**
   * Members' names from the outside in, for example `actor.loginName`. Elements of arrays are all meant:
   * `dstNodes.name` is the name of each, and where `srcNode.addresses` is masked or hashed, each address is.
   */
  field: Schema.String.annotate({ message: fieldMessage }).check(
    Schema.isPattern(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$/, { message: fieldMessage }),
    Schema.isPattern(/^(?!logged(?:\.|$))/, { message: loggedMessage })
  ),
  how: RedactionKind.annotate({ message: `must be one of ${RedactionKind.literals.join(", ")}` })
}).annotate({ message: "must be an object with field and how" })
export type Redaction = typeof Redaction.Type

const conditions = Schema.optionalKey(some(RecordMatch, 50, "must be a list of 1 to 50 conditions"))

const repeated = (redactions: ReadonlyArray<Redaction>) => {
  const index = redactions.findIndex(({ field }, at) => redactions.findIndex((other) => other.field === field) < at)
  return index < 0 ? undefined : { path: [index, "field"], issue: "must not be the same as an earlier one" }
}

export const Rules = Schema.Struct({
  /** Only records for which one of these holds. */
  only: conditions,
  /** Not those for which one of these holds. */
  except: conditions,
  redact: Schema.optionalKey(
    some(Redaction, 50, "must be a list of 1 to 50 redactions").check(Schema.makeFilter(repeated))
  )
}).annotate({ message: "must be an object with only, except or redact" })
export type Rules = typeof Rules.Type

const membersOf = { configuration: ["events", "actors"], network: ["nodes", "traffic"] } as const

/**
 * What in the rules cannot ever hold for a record of this log, as the member's path and a sentence about it; undefined:
 * nothing. Such a rule would silently filter everything, or nothing.
 *
 * @example
 * ```ts
 * misplacedRule({ only: [{ events: ["NODE.*"] }] }, "network")
 * // => "only.0.events must not be given here: it is for configuration logs"
 * ```
 */
export const misplacedRule = (rules: Rules, logType: LogType): string | undefined => {
  const other: LogType = logType === "configuration" ? "network" : "configuration"
  for (const list of ["only", "except"] as const) {
    for (const [index, match] of (rules[list] ?? []).entries()) {
      const member = membersOf[other].find((name) => name in match)
      if (member !== undefined) return `${list}.${index}.${member} must not be given here: it is for ${other} logs`
    }
  }
  return undefined
}
