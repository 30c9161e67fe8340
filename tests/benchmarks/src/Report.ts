/** How figures are printed: a line each, the same in every benchmark, so that two runs can be compared by `diff`. */
import { Console } from "effect"
import { memoryBytes } from "./App.ts"

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })

export const whole = (value: number): string => grouped.format(value)
export const seconds = (value: number): string => `${value.toFixed(2)} s`
/** The targets count in millions. */
export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`
export const times = (value: number): string => value.toFixed(2)

export const title = (text: string) => Console.log(`\n${text}`)

export const line = (name: string, ...values: ReadonlyArray<string>) =>
  Console.log(`  ${name.padEnd(34)} ${values.join("   ")}`)

export interface Target {
  readonly name: string
  readonly value: string
  readonly isMet: boolean
  readonly wanted: string
}

export const target = ({ isMet, name, value, wanted }: Target) =>
  line(name, value.padEnd(12), `${isMet ? "met" : "MISSED"}: ${wanted}`)

/** @param each records per CPU-second */
export const speed = (each: number, wanted: number) =>
  target({
    name: "records per CPU-second",
    value: whole(each),
    isMet: each >= wanted,
    wanted: `at least ${whole(wanted)}`
  })

/** @param highestBytes resident */
export const memory = (highestBytes: number) =>
  target({
    name: "highest resident memory",
    value: megabytes(highestBytes),
    isMet: highestBytes <= memoryBytes,
    wanted: `at most ${megabytes(memoryBytes)}`
  })
