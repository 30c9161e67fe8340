/** One record as one line for a person: when, who, what. Pure; not for programs, which get the JSON. */
import { Schema } from "effect"
import { type Paint, printable } from "./Table.ts"

const Audit = Schema.Struct({
  logged: Schema.optionalKey(Schema.String),
  action: Schema.String,
  actor: Schema.Struct({
    loginName: Schema.optionalKey(Schema.String),
    displayName: Schema.optionalKey(Schema.String)
  }),
  target: Schema.Struct({
    name: Schema.optionalKey(Schema.String),
    type: Schema.optionalKey(Schema.String),
    property: Schema.optionalKey(Schema.String)
  })
})

const Traffic = Schema.Array(Schema.Struct({
  src: Schema.optionalKey(Schema.String),
  dst: Schema.optionalKey(Schema.String),
  txBytes: Schema.optionalKey(Schema.Finite),
  rxBytes: Schema.optionalKey(Schema.Finite)
}))

const Flow = Schema.Struct({
  logged: Schema.optionalKey(Schema.String),
  nodeId: Schema.String,
  srcNode: Schema.optionalKey(Schema.Struct({ name: Schema.optionalKey(Schema.String) })),
  virtualTraffic: Schema.optionalKey(Schema.NullOr(Traffic)),
  subnetTraffic: Schema.optionalKey(Schema.NullOr(Traffic)),
  exitTraffic: Schema.optionalKey(Schema.NullOr(Traffic))
})

const isAudit = Schema.is(Audit)
const isFlow = Schema.is(Flow)

const time = (logged: string | undefined): string => (logged ?? "").slice(11, 19).padEnd(8)

const auditText = ({ action, actor, target }: typeof Audit.Type): string => {
  const who = actor.loginName || actor.displayName || "?"
  const property = target.property === undefined ? "" : `.${target.property}`
  return `${who}  ${target.type ?? "?"}.${action}${property}  ${target.name ?? ""}`
}

const flowText = (record: typeof Flow.Type): string => {
  const all = [record.virtualTraffic, record.subnetTraffic, record.exitTraffic].flatMap((counts) => counts ?? [])
  const bytes = all.reduce((sum, { rxBytes, txBytes }) => sum + (txBytes ?? 0) + (rxBytes ?? 0), 0)
  const peers = all.slice(0, 3).map(({ dst }) => dst ?? "?").join(", ")
  return `${record.srcNode?.name ?? record.nodeId}  → ${peers}  ${bytes.toLocaleString("en-US")} bytes`
}

export const recordLine = (record: unknown, paint: Paint): string => {
  if (isAudit(record)) return `${paint.dim(time(record.logged))}  ${printable(auditText(record))}`
  if (isFlow(record)) return `${paint.dim(time(record.logged))}  ${printable(flowText(record))}`
  return printable(JSON.stringify(record))
}
