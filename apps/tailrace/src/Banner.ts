/** What a person reads after `npm start`: how to get in, how to send a record, where it comes out. Pure. */
import { Option, Redacted } from "effect"

export interface BannerFacts {
  /** Where the process listens, for example `http://127.0.0.1:8080`. */
  readonly url: string
  readonly tailnet: string
  /** The key that was made right now; None: there was one already, or it was given. */
  readonly madeKey: Option.Option<Redacted.Redacted>
  /** None: the data are on Kafka. */
  readonly dataFolder: Option.Option<string>
  /** Folder of the demo's objects; None: no demo. */
  readonly demoFolder: Option.Option<string>
  /** Ids of the demo's destinations that still stand although the demo does not run. */
  readonly leftOver: ReadonlyArray<string>
  /** RFC 3339, for the record in the example. */
  readonly now: string
}

const label = (name: string, text: string): string => `  ${name.padEnd(10)} ${text}`
const further = (text: string): string => label("", text)

const exampleRecord = (now: string): string =>
  JSON.stringify({
    eventTime: now,
    eventGroupID: "5f0c1d8e2b7a4963a1f4c0de8b9a7c31",
    origin: "ADMIN_CONSOLE",
    actor: { id: "u1CNTRL", type: "USER", loginName: "me@example.com" },
    target: { id: "n1CNTRL", name: "my-laptop", type: "NODE" },
    action: "CREATE"
  })

const keyLines = ({ madeKey, url }: BannerFacts): ReadonlyArray<string> =>
  Option.match(madeKey, {
    onSome: (key) => [label("API key", `${Redacted.value(key)}   (shown only now: keep it)`)],
    onNone: () => [
      label("API key", `the one of the first start; another: TAILRACE_URL=${url} npm run tailrace -- key create`),
      further("lost: start once with TAILRACE_BOOTSTRAP_KEY=tskey-api-… of your own")
    ]
  })

const sendLines = ({ madeKey, now, url }: BannerFacts): ReadonlyArray<string> => {
  const key = Option.match(madeKey, { onSome: (made) => Redacted.value(made), onNone: () => "$TAILRACE_KEY" })
  return [
    label("Send", `curl -sS -u "${key}:" --data-binary \\`),
    further(`  '${exampleRecord(now)}' \\`),
    further(`  ${url}/api/v2/tailnet/-/logging/configuration/records`)
  ]
}

const demoLines = (folder: string): ReadonlyArray<string> => [
  label("Objects", `${folder}   one a minute for each log type`),
  label("Read", `f=$(find '${folder}' -name '*.zst' | sort | tail -1); zstd -dc "$f" | head -1 | jq .`),
  further("without zstd: npm run -s tailrace -- cat \"$f\" | head -1"),
  label("No demo", "TAILRACE_DEMO=0 npm start   (its destinations stay until you delete them)")
]

const leftOverLines = ({ leftOver, url }: BannerFacts): ReadonlyArray<string> =>
  leftOver.map((id, index) => {
    const command = `TAILRACE_URL=${url} npm run tailrace -- destination delete ${id}`
    return label(index === 0 ? "Left over" : "", `of the demo: ${command}`)
  })

const resetLines = ({ dataFolder }: BannerFacts): ReadonlyArray<string> =>
  Option.match(dataFolder, {
    onNone: () => [],
    onSome: (folder) => [label("Reset", `stop (Ctrl-C), then rm -r '${folder}'`)]
  })

/** The lines between two empty ones. */
export const banner = (facts: BannerFacts): string =>
  [
    "",
    `Tailrace serves the tailnet ${facts.tailnet} at ${facts.url}`,
    "",
    ...keyLines(facts),
    label("API docs", `${facts.url}/docs`),
    ...sendLines(facts),
    ...Option.match(facts.demoFolder, { onNone: () => leftOverLines(facts), onSome: demoLines }),
    ...resetLines(facts),
    ""
  ].join("\n")
