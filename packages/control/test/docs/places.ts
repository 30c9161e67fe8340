/** What a page of a type says that the code knows: fields, limits, answers of its kind, how it is set up. Pure. */
import {
  destinationFields,
  DestinationType,
  type DestinationTypeName,
  fieldForms,
  fieldsOfTailscale,
  StreamType
} from "@tailrace/api"
import { fullRequestBytes, receiverLimits, takenAges } from "@tailrace/destinations"
import { isStoreType, recentMax, refusedInRowMax, refusedRecentMax } from "@tailrace/domain"
import { Duration } from "effect"
import { type Example, examples } from "./examples.ts"

const row = (...cells: ReadonlyArray<string>): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`

export const table = (titles: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [row(...titles), row(...titles.map(() => "---")), ...rows.map((cells) => row(...cells))].join("\n")

const isOfTailscale = (name: string) => name in fieldsOfTailscale
const isStreamType = (type: string) => StreamType.literals.some((known) => known === type)

const fieldRows = (type: DestinationTypeName) =>
  destinationFields[type].fields.map(({ name, needed, otherwise, words }) => {
    const form = fieldForms.get(name)
    const mark = isOfTailscale(name) ? "" : " °"
    const wordsOf = words ?? (form?.kind === "words" ? form.words : [])
    const choice = wordsOf.length === 0 ? "" : ` One of ${wordsOf.map((word) => `\`${word}\``).join(", ")}.`
    return [`\`${name}\`${mark}`, needed ?? "", otherwise ?? "", `${form?.description ?? ""}${choice}`]
  })

const whole = (number: number) => number.toLocaleString("en-US")

const size = (bytes: number) => bytes % 1_048_576 === 0 ? `${bytes / 1_048_576} MiB` : `${whole(bytes)} bytes`

const receiverRows = (type: Exclude<DestinationTypeName, "s3" | "gcs" | "azure">) => {
  const { codecs, inFlight, recordBytes, requestBytes, requestRecords } = receiverLimits[type]
  const full = fullRequestBytes[type]
  const ages = takenAges[type]
  return [
    ["a request, before compression", full === undefined ? size(requestBytes) : `full at ${size(full)}`],
    ["records in a request", whole(requestRecords)],
    ["one record", `${size(recordBytes)}; a larger one goes to quarantine`],
    ["requests at once", `1 at first, up to ${inFlight} while answers do not slow down`],
    ["compression", codecs.map((codec) => `\`${codec}\``).join(", ")],
    ...(ages === undefined ? [] : [[
      "a record's time",
      `at most ${Duration.toHours(ages.oldest)} hours old and ${
        Duration.toHours(ages.newest)
      } hour ahead; others go to ` +
      "quarantine"
    ]])
  ]
}

const storeRows = [
  ["an upload period", "1 to 1,440 minutes, or 5 to 86,400 seconds"],
  ["a key prefix", "900 characters"],
  ["an object", "a period with more than fits ends early, and makes several objects"],
  ["objects at once", "1 for each lane"],
  ["compression", "`none`, `zstd`, `gzip`"]
]

const passing: ReadonlyArray<readonly [string, string]> = [
  ["no answer, 408, 409, 425, 429, 5xx", "again after a pause: full jitter, `Retry-After` obeyed, kept over a restart"],
  [
    "401, 403, 404, a redirect, TLS, an unknown name",
    "suspended: nothing is lost while the log keeps it; probed on a growing interval; goes on by itself"
  ]
]

const ofReceivers: ReadonlyArray<readonly [string, string]> = [
  ["413", "halves; a record that is refused alone goes to quarantine with the answer's words"],
  [
    `over ${refusedInRowMax} records refused in a row, or over ${refusedRecentMax} of the last ${whole(recentMax)}`,
    "suspended, and nothing of that answer goes to quarantine: it is the set-up that is wrong"
  ]
]

const json = (value: unknown) => JSON.stringify(value, undefined, 2)

const curl = (type: DestinationTypeName, { open, secret }: Example): string => {
  const body = json({ destinationType: type, ...open, [secret]: "…" })
  const [method, path] = isStreamType(type)
    ? ["PUT", "logging/configuration/stream"]
    : ["POST", "logging/configuration/destinations"]
  return `curl -u "$TAILRACE_KEY:" -X ${method} -H 'Content-Type: application/json' -d '${body}' \\
  http://127.0.0.1:8080/api/v2/tailnet/-/${path}`
}

const flagOf = (name: string) => name === "url" ? "endpoint" : name.replace(/[A-Z]/g, (it) => `-${it.toLowerCase()}`)

const variables: Readonly<Record<Example["secret"], string>> = {
  token: "TAILRACE_TOKEN",
  s3SecretAccessKey: "TAILRACE_S3_SECRET_ACCESS_KEY",
  gcsCredentials: "TAILRACE_GCS_CREDENTIALS",
  azureSecret: "TAILRACE_AZURE_SECRET"
}

const command = (type: DestinationTypeName, { open, secret }: Example): string => {
  const flags = Object.entries(open).map(([field, value]) => `--${flagOf(field)} ${String(value)}`)
  return `export ${variables[secret]}='…'
tailrace destination create --type configuration --destination-type ${type} \\
  ${flags.join(" \\\n  ")}`
}

const shell = (text: string): string => `\`\`\`sh\n${text}\n\`\`\``

const unknownToStream = (type: DestinationTypeName): string =>
  isStreamType(type) ? "" : `\nTailscale's \`/stream\` does not know the type \`${type}\`.`

const fields = (type: DestinationTypeName): string =>
  `${table(["field", "needed", "where it is absent", "meaning"], fieldRows(type))}

° Only on our own endpoints (\`…/destinations\`); what was set there stays when Tailscale's \`PUT …/stream\` changes the
destination.${unknownToStream(type)} Fields of other types are taken and have no effect. What holds for every type
(secrets, addresses, rules) is on [the first page](README.md).`

/** What stands in the places of a template. */
export const typePlaces = (type: DestinationTypeName): Readonly<Record<string, string>> => {
  const answers = [...passing, ...(isStoreType(type) ? [] : ofReceivers)]
  return {
    title: `${destinationFields[type].title} (\`${type}\`)`,
    fields: fields(type),
    setup: `${shell(curl(type, examples[type]))}\n\n${shell(command(type, examples[type]))}`,
    limits: table(["what", "limit"], isStoreType(type) ? storeRows : receiverRows(type)),
    answers: answers.map((cells) => row(...cells)).join("\n")
  }
}

const typeRows = DestinationType.literals.map((type) => {
  const { kind, title } = destinationFields[type]
  return [`[\`${type}\`](${type}.md)`, title, kind, isStreamType(type) ? "yes" : "our endpoints only"]
})

/** The same of the page above the types. */
export const firstPlaces: Readonly<Record<string, string>> = {
  types: table(["type", "service", "kind", "Tailscale's `/stream`"], typeRows)
}
