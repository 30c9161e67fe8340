/** What a server says to its command line's arguments. It takes none but these two: its settings are variables. */
import { type App, purposes, version } from "./settings/App.ts"
import { settingsOf } from "./settings/Settings.ts"

export interface Answer {
  readonly text: string
  readonly exitCode: 0 | 2
}

const indented = (text: string): string => `      ${text}`

const help = (app: App): string =>
  [
    purposes[app],
    "",
    "It takes no arguments. Settings are environment variables; an empty one counts as absent:",
    "",
    ...settingsOf(app).flatMap(({ does, fallback, name }) => [`  ${name}   (${fallback})`, indented(does)])
  ].join("\n")

/**
 * Undefined: nothing was asked, the server shall start.
 *
 * @example
 * ```ts
 * answerTo("ingest", ["--version"]) // => { text: "0.0.0", exitCode: 0 }
 * ```
 */
export const answerTo = (app: App, [first]: ReadonlyArray<string>): Answer | undefined => {
  if (first === undefined) return undefined
  if (first === "--version") return { text: version, exitCode: 0 }
  if (first === "--help" || first === "-h") return { text: help(app), exitCode: 0 }
  return { text: `unknown argument ${JSON.stringify(first)}; --help says what there is`, exitCode: 2 }
}
