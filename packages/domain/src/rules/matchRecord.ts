/** Conditions on records, compiled once: what `RecordMatch` says as a function of a parsed record. */
import { actorMentions, eventNames } from "./AuditMatch.ts"
import { isPart, listOf, type Part, partOf, textOf } from "./RecordParts.ts"
import type { RecordMatch, TrafficClass } from "./Rules.ts"

type Holds = (record: Part) => boolean

const classes: ReadonlyArray<TrafficClass> = ["virtual", "subnet", "exit", "physical"]

const trafficOf = (record: Part, name: TrafficClass) => listOf(record, `${name}Traffic`)

const namePattern = (word: string): (name: string) => boolean => {
  const atStart = word.startsWith("*")
  const atEnd = word.length > 1 && word.endsWith("*")
  const text = word.slice(atStart ? 1 : 0, atEnd ? -1 : undefined)
  if (atStart && atEnd) return (name) => name.includes(text)
  if (atStart) return (name) => name.endsWith(text)
  return atEnd ? (name) => name.startsWith(text) : (name) => name === text
}

const someEvent = (words: ReadonlyArray<string>): Holds => {
  const patterns = words.map(namePattern)
  return (record) => eventNames(record).some((name) => patterns.some((matches) => matches(name)))
}

const isActor = (actor: Part, word: string): boolean =>
  word.startsWith("~")
    ? actorMentions(actor, word.slice(1))
    : textOf(actor, "id") === word || textOf(actor, "loginName").toLowerCase() === word.toLowerCase()

const someActor = (words: ReadonlyArray<string>): Holds => (record) => {
  const actor = partOf(record, "actor")
  return words.some((word) => isActor(actor, word))
}

const nodesOf = (record: Part): ReadonlyArray<Part> => [
  partOf(record, "srcNode"),
  ...listOf(record, "dstNodes").filter(isPart)
]

const addressesOf = (record: Part): ReadonlyArray<string> =>
  classes.flatMap((name) => trafficOf(record, name).filter(isPart))
    .flatMap((connection) => [textOf(connection, "src"), textOf(connection, "dst")])

const textsOf = (record: Part): ReadonlyArray<unknown> => [
  ...nodesOf(record).flatMap((node) => [node["name"], ...listOf(node, "addresses")]),
  ...addressesOf(record)
]

const mentions = (record: Part, text: string): boolean =>
  textsOf(record).some((value) => typeof value === "string" && value.toLowerCase().includes(text))

const isNode = (record: Part, id: string): boolean =>
  textOf(record, "nodeId") === id || nodesOf(record).some((node) => textOf(node, "nodeId") === id)

const someNode = (words: ReadonlyArray<string>): Holds => {
  const texts = words.filter((word) => word.startsWith("~")).map((word) => word.slice(1).toLowerCase())
  const ids = words.filter((word) => !word.startsWith("~"))
  return (record) => ids.some((id) => isNode(record, id)) || texts.some((text) => mentions(record, text))
}

const someTraffic = (names: ReadonlyArray<TrafficClass>): Holds => (record) =>
  names.some((name) => trafficOf(record, name).length > 0)

const compile = ({ actors, events, nodes, traffic }: RecordMatch): Holds => {
  const all: ReadonlyArray<Holds> = [
    ...events === undefined ? [] : [someEvent(events)],
    ...actors === undefined ? [] : [someActor(actors)],
    ...traffic === undefined ? [] : [someTraffic(traffic)],
    ...nodes === undefined ? [] : [someNode(nodes)]
  ]
  return (record) => all.every((holds) => holds(record))
}

/** Whether one of the conditions holds; `fallback` where none is given. */
export const someMatch = (matches: ReadonlyArray<RecordMatch> | undefined, fallback: boolean): Holds => {
  if (matches === undefined) return () => fallback
  const compiled = matches.map(compile)
  return (record) => compiled.some((holds) => holds(record))
}
