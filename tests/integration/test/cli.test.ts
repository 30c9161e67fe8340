// Every command of the command line against a real server: what it prints, what it changes, and how it exits.
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { zstdCompressSync } from "node:zlib"
import { commandLine, type Given } from "../src/app/CommandLine.ts"
import type { Ended } from "../src/app/Program.ts"
import { cli, ownerKey, startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"

class Server extends Context.Service<Server, { readonly url: string; readonly folder: string }>()("Server") {
  static readonly layer = Layer.effect(
    Server,
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { url } = yield* startTailrace(path.join(folder, "data"))
      return { url, folder }
    })
  )
}

const tailrace = Effect.fnUntraced(function*(args: string, given: Given = {}) {
  const { url } = yield* Server
  return yield* commandLine(url, args.split(" "), given)
})

const Json = Schema.fromJsonString(Schema.Any)

/** What a command that succeeds says. */
const said = (args: string, given: Given = {}) =>
  tailrace(args, given).pipe(
    Effect.tap((ended) => Effect.sync(() => assert.strictEqual(ended.code, 0, `${args}: ${ended.stderr}`))),
    Effect.map(({ stdout }) => Schema.decodeUnknownSync(Json)(stdout))
  )

const refused = (ended: Ended, code: number, line: RegExp) => {
  assert.strictEqual(ended.code, code, ended.stderr)
  assert.match(ended.stderr, line)
  assert.notInclude(ended.stderr, "    at ", "no stack trace")
}

const auditRecord = (name: string) =>
  JSON.stringify({
    eventTime: "2026-07-27T12:10:27Z",
    eventGroupID: "a".repeat(32),
    origin: "CONFIG_API",
    actor: { id: "u1CNTRL", type: "USER", loginName: "me@example.com", displayName: "Me" },
    target: { id: "n1CNTRL", name, type: "NODE" },
    action: "CREATE"
  })

const secret = { TAILRACE_S3_SECRET_ACCESS_KEY: "very-secret-access-key" }
const create =
  "destination create --type configuration --name mine --bucket other-bucket --access-key-id AKIDEXAMPLE " +
  "--endpoint https://s3.example.com --period-seconds 86400"

layer(Server.layer, { timeout: 60_000, excludeTestServices: true })("tailrace", (it) => {
  it.effect("tailnet: create, list, plan, flow-logs", () =>
    Effect.gen(function*() {
      const made = yield* said("tailnet create other.example --plan personal --owner boss@other.example")
      assert.match(made.key, /^tskey-api-/)
      const { stdout } = yield* tailrace("tailnet list --no-json")
      assert.match(stdout, /^NAME +ID +PLAN\n/)
      assert.match(stdout, /example\.com .*enterprise/)
      const other = { env: { TAILRACE_KEY: made.key } }
      assert.strictEqual((yield* said("member list", other))[0].loginName, "boss@other.example")
      assert.isFalse((yield* said("tailnet flow-logs", other)).networkFlowLoggingOn)
      refused(yield* tailrace("tailnet flow-logs on", other), 1, /^tailrace: .*plan/)
      refused(yield* tailrace("tailnet create example.com"), 1, /^tailrace: .*example\.com/)
      assert.strictEqual((yield* said("tailnet plan enterprise")).plan, "enterprise")
    }), 60_000)

  it.effect("member: add, list, role, remove", () =>
    Effect.gen(function*() {
      const { id } = yield* said("member add ben@example.com --role auditor --name Ben")
      assert.deepInclude((yield* said("member list")).find((member: { id: string }) => member.id === id), {
        loginName: "ben@example.com",
        displayName: "Ben",
        role: "auditor"
      })
      yield* said(`member role ${id} it-admin`)
      yield* said(`member remove ${id}`)
      refused(yield* tailrace(`member role ${id} admin`), 1, /^tailrace: /)
      refused(yield* tailrace(`member role ${id} king`), 2, /Invalid value for argument <role>: "king"/)
    }), 60_000)

  it.effect("key: create, list, revoke", () =>
    Effect.gen(function*() {
      const made = yield* said("key create --description backup --days 3")
      const list = yield* tailrace("key list --json")
      assert.include(list.stdout, made.id)
      assert.notInclude(list.stdout, made.key)
      assert.notInclude(list.stdout, ownerKey)
      const withIt = { env: { TAILRACE_KEY: made.key } }
      assert.isArray(yield* said("member list", withIt))
      yield* said(`key revoke ${made.id}`)
      refused(yield* tailrace("member list", withIt), 1, /TAILRACE_KEY must hold an API key/)
      refused(yield* tailrace("key create --days 91"), 2, /--days: "91"\. must be a whole number from 1 to 90/)
    }), 60_000)

  it.effect("token: create, list, revoke; produce and tail", () =>
    Effect.gen(function*() {
      const { folder } = yield* Server
      const made = yield* said("token create --description collector")
      const withToken = { env: { TAILRACE_KEY: made.token } }
      const file = path.join(folder, "records.ndjson")
      yield* Effect.promise(() => writeFile(file, [1, 2, 3].map((n) => `${auditRecord(`file-${n}`)}\n`).join("")))
      assert.deepInclude(yield* said(`produce ${file}`, withToken), { records: 3 })
      const stdin = `${auditRecord("piped")}\n`
      assert.deepInclude(yield* said("produce", { ...withToken, stdin }), { records: 1 })
      assert.deepInclude(yield* said("produce --hec", { ...withToken, stdin: auditRecord("splunk") }), { records: 1 })
      refused(yield* tailrace("produce", { ...withToken, stdin: "{}\n" }), 1, /^tailrace: line 1: /)
      refused(yield* tailrace("member list", withToken), 1, /^tailrace: /)

      const { stdout } = yield* tailrace("tail --since 600 --no-follow")
      const names = stdout.trim().split("\n").map((line) => Schema.decodeUnknownSync(Json)(line).target.name)
      for (const name of ["file-1", "file-2", "file-3", "piped", "splunk"]) assert.include(names, name)
      assert.match((yield* tailrace("tail --since 600 --no-follow --no-json")).stdout, /me@example\.com +NODE\.CREATE/)

      assert.include((yield* tailrace("token list --no-json")).stdout, "collector")
      yield* said(`token revoke ${made.id}`)
      refused(yield* tailrace("produce", { ...withToken, stdin }), 1, /^tailrace: /)
    }), 60_000)

  it.effect("destination: create, list, show, pause, resume, test, delete", () =>
    Effect.gen(function*() {
      const made = yield* said(create, { env: secret })
      assert.match(made.id, /^dst_/)
      const all = yield* tailrace("destination list")
      assert.include(all.stdout, made.id)
      assert.include(all.stdout, "dst_demoflow")
      const shown = yield* tailrace(`destination show ${made.id} --no-json`)
      assert.match(shown.stdout, /other-bucket/)
      assert.notInclude(all.stdout + shown.stdout, secret.TAILRACE_S3_SECRET_ACCESS_KEY)
      yield* said(`destination pause ${made.id}`)
      assert.strictEqual((yield* said(`destination show ${made.id}`)).paused, true)
      yield* said(`destination resume ${made.id}`)
      assert.strictEqual((yield* said(`destination show ${made.id}`)).paused, false)
      yield* said(`destination delete ${made.id}`)
      refused(yield* tailrace(`destination show ${made.id}`), 1, /not found/)
      assert.deepInclude(yield* said("destination test dst_demoaudit"), { ok: true })
    }), 60_000)

  it.effect("destination create: the secret from stdin, and what is wrong by name", () =>
    Effect.gen(function*() {
      const args = create.replace("--name mine", "--name piped")
      const made = yield* said(args, { stdin: "a-secret\n" })
      yield* said(`destination delete ${made.id}`)
      refused(yield* tailrace(create, { stdin: "" }), 2, /TAILRACE_S3_SECRET_ACCESS_KEY/)
      refused(yield* tailrace("destination create --type network"), 2, /a destination of type s3 needs --s3-bucket/)
      refused(
        yield* tailrace(create.replace("https://s3.example.com", "http://10.1.2.3"), { env: secret }),
        1,
        /^tailrace: url /
      )
    }), 60_000)

  it.effect(
    "destination create, update, show, status of a receiver: what is said changes, and the rest stays",
    () =>
      Effect.gen(function*() {
        const { folder } = yield* Server
        const endpoint = "https://splunk.example.com:8088/services/collector/event"
        const token = { TAILRACE_TOKEN: "the-token-of-a-collector" }
        const splunk = `destination create --type configuration --destination-type splunk --endpoint ${endpoint}`
        const made = yield* said(`${splunk} --auth-scheme splunk --name soc`, { env: token })
        assert.deepInclude(made, { destinationType: "splunk", compressionFormat: "gzip", authScheme: "splunk" })
        const changed = yield* said(`destination update ${made.id} --acknowledge never --compression none`)
        const expected = {
          version: 2,
          acknowledge: "never",
          compressionFormat: "none",
          authScheme: "splunk",
          url: endpoint
        }
        assert.deepInclude(changed, expected)
        assert.deepInclude(yield* said(`destination update ${made.id} --acknowledge never`), { version: 2 })
        const moved = `destination update ${made.id} --endpoint https://other.example.com/services/collector/event`
        refused(yield* tailrace(moved), 1, /^tailrace: token is required when url names another host/)
        const file = path.join(folder, "token")
        yield* Effect.promise(() => writeFile(file, "another-token\n"))
        assert.deepInclude(yield* said(`${moved} --secret-file ${file}`), { version: 3 })
        assert.deepInclude(yield* said(`destination update ${made.id} --new-secret`, { env: token }), { version: 4 })
        const shown = yield* tailrace(`destination show ${made.id} --no-json`)
        assert.match(shown.stdout, /auth scheme +splunk\n/)
        assert.match(shown.stdout, /failed requests +\d/)
        assert.deepInclude(yield* said(`destination status ${made.id}`), { suspendedSince: null, numObjects: 0 })
        refused(
          yield* tailrace(`${splunk} --codec zstd`, { env: token }),
          1,
          /^tailrace: compressionFormat must be one of /
        )
        refused(yield* tailrace("destination create --type network --destination-type axiom"), 2, /needs --endpoint/)
        yield* said(`destination delete ${made.id}`)
      }),
    60_000
  )

  it.effect("config, completions, help, cat", () =>
    Effect.gen(function*() {
      const { folder } = yield* Server
      const config = yield* tailrace("config --no-json")
      assert.match(config.stdout, /TAILRACE_KEY +client +\(set, not shown\)/)
      assert.notInclude(config.stdout, ownerKey)
      assert.include((yield* tailrace("--completions bash")).stdout, "destination")
      assert.match((yield* tailrace("--help")).stdout, /3 server not reached/)
      const file = path.join(folder, "object.json.zst")
      const frames = ["{\"a\":1}\n", "{\"b\":2}\n"].map((line) => zstdCompressSync(line))
      yield* Effect.promise(() => writeFile(file, Buffer.concat(frames)))
      assert.strictEqual((yield* tailrace(`cat ${file}`)).stdout, "{\"a\":1}\n{\"b\":2}\n")
    }))

  it.effect("the program itself: exit codes and lines", () =>
    Effect.gen(function*() {
      const { url } = yield* Server
      const [listed, unknown, unreached, noUrl, noKey] = yield* Effect.all([
        cli(url, ["key", "list"]),
        cli(url, ["destinaton", "list"]),
        cli("http://127.0.0.1:9", ["key", "list"]),
        cli("no-url", ["key", "list"]),
        cli(url, ["key", "list"], { env: { TAILRACE_KEY: "" } })
      ], { concurrency: 2 })
      assert.strictEqual(listed.code, 0)
      assert.strictEqual(listed.stderr, "")
      refused(unknown, 2, /Unknown subcommand "destinaton"/)
      refused(unreached, 3, /^tailrace: cannot reach http:\/\/127\.0\.0\.1:9/)
      refused(noUrl, 2, /TAILRACE_URL: no-url/)
      refused(noKey, 1, /TAILRACE_KEY must hold an API key/)
    }), 60_000)
})
