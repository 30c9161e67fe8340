/** The command line in this process: what it prints and how it exits, without the second that starting Node takes. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { run } from "@tailrace/cli/run"
import { ConfigProvider, Console, Effect, Layer, Sink, Stdio, Stream } from "effect"
import { TerminalCapabilities } from "effect/cli"
import type { Ended } from "./Program.ts"
import { ownerKey, type Settings } from "./Tailrace.ts"

export interface Given {
  readonly stdin?: string
  readonly env?: Settings
}

const collect = (parts: Array<string>) =>
  Sink.forEach((part: string | Uint8Array) => Effect.sync(() => void parts.push(Buffer.from(part).toString("utf8"))))

/** `url`: where the server is. The Owner's key is given unless `env` has another one. */
export const commandLine = (url: string, args: ReadonlyArray<string>, { env = {}, stdin = "" }: Given = {}) =>
  Effect.gen(function*() {
    const stdout: Array<string> = []
    const stderr: Array<string> = []
    const console: Console.Console = {
      ...globalThis.console,
      log: (text: string) => void stdout.push(`${text}\n`),
      error: (text: string) => void stderr.push(`${text}\n`)
    }
    const variables = { TAILRACE_URL: url, TAILRACE_KEY: ownerKey, ...env }
    const { exitCode, line } = yield* run(args).pipe(
      Effect.provide(Layer.mergeAll(
        NodeServices.layer,
        Stdio.layerTest({
          stdin: Stream.succeed(Buffer.from(stdin)),
          stdout: () => collect(stdout),
          stderr: () => collect(stderr)
        }),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env: variables })),
        Layer.succeed(Console.Console, console),
        Layer.succeed(TerminalCapabilities.TerminalCapabilities, {
          canColor: false,
          canAnimate: false,
          canPrompt: false
        })
      ))
    )
    const said = line === undefined ? "" : `tailrace: ${line}\n`
    const ended: Ended = { code: exitCode, stdout: stdout.join(""), stderr: stderr.join("") + said }
    return ended
  })
