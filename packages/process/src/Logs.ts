/**
 * Where log lines go: stderr, one line for each event. On a terminal a readable one, otherwise JSON for a collector.
 * Stdout belongs to what the person asked for: the banner and the delivered objects.
 */
import { Effect, Layer, Logger, Option, References } from "effect"
import process from "node:process"
import { textOf } from "./settings/Setting.ts"

const colours: Readonly<Record<string, string>> = { FATAL: "31", ERROR: "31", WARN: "33" }

const painted = (level: string, inColour: boolean): string => {
  const word = level.toLowerCase().padEnd(5)
  const colour = colours[level]
  return colour === undefined || !inColour ? word : `\u001b[${colour}m${word}\u001b[0m`
}

const text = (part: unknown): string => {
  if (typeof part === "string") return part
  return part instanceof Error ? part.message : JSON.stringify(part)
}

/** `12:34:56 warn  message key=value`; the cause's first line follows if there is one. */
export const readable = (inColour: boolean) =>
  Logger.map(Logger.formatStructured, (line) => {
    const annotations = Object.entries(line.annotations).map(([key, value]) => ` ${key}=${text(value)}`).join("")
    const messages = (Array.isArray(line.message) ? line.message : [line.message]).map(text).join(" ")
    const cause = line.cause === undefined ? "" : `: ${line.cause.split("\n", 1)[0]}`
    return `${line.timestamp.slice(11, 19)} ${painted(line.level, inColour)} ${messages}${annotations}${cause}`
  })

/** Info and above. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const noColour = yield* textOf("NO_COLOR")
  const format = process.stderr.isTTY ? readable(Option.isNone(noColour)) : Logger.formatJson
  return Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(format)]),
    Layer.succeed(References.MinimumLogLevel, "Info")
  )
}))
