/** Every page of `docs/destinations`, by its file's name: a template, with what the code knows in its places. */
import { DestinationType } from "@tailrace/api"
import { readFileSync } from "node:fs"
import path from "node:path"
import { firstPlaces, typePlaces } from "./places.ts"

const templates = path.join(import.meta.dirname, "templates")

const template = (name: string): string => readFileSync(path.join(templates, `${name}.md`), "utf8").trimEnd()

const generated =
  "<!-- Made by `npm run docs` from the schemas, the limits and packages/control/test/docs. Do not edit. -->"

/** A place that nobody fills would be seen on the page. */
const fill = (text: string, places: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (place, name: string) => places[name] ?? place)

const page = (name: string, places: Readonly<Record<string, string>>): readonly [string, string] => [
  `${name}.md`,
  `${generated}\n\n${fill(template(name), { ...places, envelope: template("envelope") })}\n`
]

export const pages: ReadonlyMap<string, string> = new Map([
  page("README", firstPlaces),
  ...DestinationType.literals.map((type) => page(type, typePlaces(type)))
])
