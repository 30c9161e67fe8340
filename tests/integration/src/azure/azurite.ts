/** Azurite, Microsoft's own emulator of Blob Storage: real signatures, conditions and error codes. */
import { DateTime, Effect, Redacted, Schedule } from "effect"
import { freePort, installedBy, ServerError, startServer } from "../store/ServerProcess.ts"
import type { StoredObjects, StoreKind } from "../store/StoreKind.ts"
import { npm } from "../tool.ts"
import { account, accountKey, container, makeContainerHeaders, privateContainer } from "./azuriteAccount.ts"

const ask = (url: string, init: RequestInit = {}) => Effect.promise(() => fetch(url, init))

const makeContainer = Effect.fnUntraced(function*(url: string, name: string) {
  const headers = makeContainerHeaders(name, DateTime.toDate(yield* DateTime.now))
  const answer = yield* ask(`${url}/${name}?restype=container`, { method: "PUT", headers })
  if (answer.status === 201) return
  const code = answer.headers.get("x-ms-error-code")
  return yield* new ServerError({ reason: `Azurite made no container: ${answer.status} ${code}` })
})

/** It listens before its files are open, and answers with 500 until then. */
const whenReady = (url: string, name: string) =>
  Effect.retry(makeContainer(url, name), Schedule.spaced("100 millis").pipe(Schedule.upTo({ times: 100 })))

const inPath = (key: string) => key.split("/").map(encodeURIComponent).join("/")

const unescaped = (xml: string) =>
  xml.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&")

/** As anybody may read the container. */
const objectsOf = (url: string): StoredObjects => ({
  get: (key) =>
    Effect.flatMap(
      ask(`${url}/${container}/${inPath(key)}`),
      (answer) => Effect.promise(async () => new Uint8Array(await answer.arrayBuffer()))
    ),
  head: (key) =>
    Effect.map(ask(`${url}/${container}/${inPath(key)}`, { method: "HEAD" }), ({ headers }) => ({
      contentType: headers.get("content-type") ?? "",
      contentEncoding: headers.get("content-encoding"),
      metadata: Object.fromEntries(
        [...headers].filter(([name]) => name.startsWith("x-ms-meta-")).map(([name, value]) => [name.slice(10), value])
      )
    })),
  keys: (prefix) =>
    Effect.flatMap(
      ask(`${url}/${container}?restype=container&comp=list&prefix=${encodeURIComponent(prefix)}`),
      (answer) =>
        Effect.promise(async () =>
          [...(await answer.text()).matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = ""]) => unescaped(name))
        )
    )
})

const azuriteArgs = (main: string, port: number, folder: string) => [
  main,
  "--blobPort",
  `${port}`,
  "--location",
  folder,
  "--silent",
  "--disableTelemetry",
  "--disableProductStyleUrl"
]

export const azurite: StoreKind = {
  name: "Azurite",
  needs: [npm],
  metadataName: (name) => name.replaceAll("-", "_"),
  missingContainer: "ContainerNotFound",
  start: Effect.fnUntraced(function*(folder) {
    const main = yield* installedBy("azurite.mjs")
    const port = yield* freePort
    yield* startServer({
      file: process.execPath,
      args: azuriteArgs(main, port, folder),
      env: { AZURITE_ACCOUNTS: `${account}:${Redacted.value(accountKey)}` },
      port
    })
    const url = `http://127.0.0.1:${port}/${account}`
    yield* whenReady(url, container)
    yield* whenReady(url, privateContainer)
    return {
      url,
      port,
      secret: accountKey,
      objects: objectsOf(url),
      config: (more) => ({
        _tag: "azure",
        url: more?.url ?? url,
        account,
        container: more?.container ?? container,
        keyPrefix: "",
        auth: "sharedkey"
      })
    }
  })
}
