/** Texts that must not be committed: promises without an issue, switched-off tests, places only one machine has. */
import type { Complaint, Source } from "./Source.ts"

const promise = /\b(TODO|FIXME|XXX|HACK)\b/

export const promises = (source: Source): ReadonlyArray<Complaint> =>
  source.comments
    .flatMap(({ line, text }) => text.split("\n").map((part, index) => ({ line: line + index, part })))
    .filter(({ part }) => promise.test(part) && !/#\d+/.test(part))
    .map(({ line }) => ({ path: source.path, line, rule: "a promise without the number of its issue" }))

const switchedOff = /\b(it|test|describe|suite|layer)(\.\w+)*\.(only|skip|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/

export const switchedOffTests = (source: Source): ReadonlyArray<Complaint> =>
  source.code.flatMap((line, index) =>
    switchedOff.test(line)
      ? [{ path: source.path, line: index + 1, rule: "a test that is switched off or hides the others" }]
      : []
  )

const places: ReadonlyArray<readonly [pattern: RegExp, what: string]> = [
  [/(^|[\s"'`(=])\/(work|root|home\/\w+|Users\/\w+)\//, "a path of one machine"],
  [/\b(registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|tarball: *http)/, "a registry's host"]
]

/** For any text file. */
export function machinePlaces(path: string, text: string): ReadonlyArray<Complaint> {
  return text.split("\n").flatMap((line, index) =>
    places.filter(([pattern]) => pattern.test(line)).map(([, what]) => ({ path, line: index + 1, rule: what }))
  )
}
