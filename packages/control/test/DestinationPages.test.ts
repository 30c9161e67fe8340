/** The pages in `docs/destinations` are what `npm run docs` makes of the schemas and limits as they are now. */
import { assert, layer } from "@effect/vitest"
import { DestinationType } from "@tailrace/api"
import { Effect } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { examples } from "./docs/examples.ts"
import { pages } from "./docs/pages.ts"
import { folder } from "./docs/write.ts"
import { Server, serverLayer } from "./server.ts"
import { serviceAccount, typeSecret } from "./bodies.ts"

layer(serverLayer(), { excludeTestServices: true })("pages of destinations", (it) => {
  it.effect("are up to date (npm run docs)", () =>
    Effect.sync(() => {
      assert.deepStrictEqual(readdirSync(folder).toSorted(), [...pages.keys()].toSorted())
      for (const [file, text] of pages) assert.notInclude(text, "{{", file)
      for (const [file, text] of pages) assert.strictEqual(readFileSync(path.join(folder, file), "utf8"), text, file)
    }))

  it.effect.each([...DestinationType.literals])(
    "have an example of %s that the API takes",
    (type) =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const { open, secret } = examples[type]
        const text = secret === "gcsCredentials" ? serviceAccount : Buffer.from(typeSecret).toString("base64")
        const body = { destinationType: type, ...open, [secret]: text }
        const made = yield* ask("POST", "tailnet/-/logging/configuration/destinations", { body })
        assert.deepInclude(made.body, open, made.text)
      })
  )
})
