// The access lists of the operations manual are enough, each app with a user of its own, and hold the others off.
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { readFileSync } from "node:fs"
import path from "node:path"
import {
  type AppName,
  clusterSettings,
  deliveredWith,
  ingestToken,
  makeDestination,
  produce,
  startApp
} from "../src/app/Apps.ts"
import { root, start } from "../src/app/Program.ts"
import { temporaryFolder } from "../src/app/Tailrace.ts"
import { eventually } from "../src/eventually.ts"
import { aclEntries } from "../src/kafka/aclCommands.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { ours } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

const seconds = 180_000
const users = ["control", "ingest", "delivery"] as const
const module = "org.apache.kafka.common.security.plain.PlainLoginModule"
const passwords = users.map((user) => `user_${user}="${user}-secret"`).join(" ")

const manual = readFileSync(path.join(root, "docs/operations/deploy.md"), "utf8")
const [, script = ""] = /<!-- acls:[\s\S]*?```sh\n([\s\S]*?)```/.exec(manual) ?? []

describe.skipIf(lacks(java, maven))(naming("access lists", java, maven), () => {
  // The plain listener is the brokers' own and the administrator's.
  const site = useKafka({
    listeners: { SASL: { protocol: "SASL_PLAINTEXT" } },
    properties: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.sasl.plain.sasl.jaas.config": `${module} required ${passwords};`
    }
  })

  it.live(
    "of the manual: enough for each app with a user of its own, and not for another's work",
    () =>
      Effect.gen(function*() {
        const open = { ...clusterSettings(site(), "tailrace"), TAILRACE_DATA: yield* temporaryFolder }
        yield* Effect.scoped(startApp("ingest", open))
        yield* Effect.promise(() => site().admin.createAcls({ acl: [...aclEntries(script)] }))
        const settings = (user: AppName) => ({
          ...open,
          TAILRACE_KAFKA_BROKERS: site().cluster.addresses["SASL"] ?? "",
          TAILRACE_KAFKA_SASL: "plain",
          TAILRACE_KAFKA_USERNAME: user,
          TAILRACE_KAFKA_PASSWORD: `${user}-secret`
        })
        const [control, ingest, delivery] = yield* Effect.all([
          startApp("control", settings("control")),
          startApp("ingest", settings("ingest")),
          startApp("delivery", settings("delivery"))
        ], { concurrency: 3 })
        const store = yield* S3Site
        yield* makeDestination(control.url, store.url)
        const token = yield* ingestToken(control.url)
        assert.deepStrictEqual(yield* produce(ingest.url, token, "p-allowed"), Option.some(200))
        assert.strictEqual((yield* deliveredWith(store.bucket, "p-allowed")).split("p-allowed").length, 2)
        for (const { program } of [control, ingest, delivery]) {
          assert.notMatch(program.stderr(), /allowed|permission|AUTHORIZATION|-secret/, program.stderr())
        }
        const other = yield* start({ file: "apps/delivery/src/main.ts", env: settings("ingest") })
        const said = yield* eventually(Effect.sync(other.stderr), {
          what: "why it waits",
          seconds: 30,
          holds: (text) => text.includes("reading secrets again")
        })
        assert.match(said, /may not read the topic tailrace\.secrets/)
        assert.strictEqual(other.stdout(), "")
      }).pipe(Effect.scoped, Effect.provide([S3Site.layer(ours), NodeHttpClient.layerNodeHttp])),
    seconds
  )
})
