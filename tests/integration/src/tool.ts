/**
 * Which tools of other makers this machine has, and how a test says that it needs one. A test without its tool is
 * skipped by name with the reason; where everything is required (`TAILRACE_REQUIRE_ALL=1`) `npm test` counts a skipped
 * test as failed. Not for starting the tools.
 *
 * @example
 * describe.skipIf(lacks(go))(naming("a real S3 server", go), () => { it.effect("keeps what it is given", …) })
 */
import { spawnSync } from "node:child_process"

export interface Tool {
  readonly name: string
  readonly found: boolean
}

const tool = (name: string, ...args: ReadonlyArray<string>): Tool => ({
  name,
  found: spawnSync(name, args, { stdio: "ignore", timeout: 20_000 }).status === 0
})

/** Builds versitygw and fake-gcs-server, servers of S3 and of Cloud Storage that are not ours. */
export const go: Tool = tool("go", "version")

/** Fetches Azurite, the Blob Storage server. */
export const npm: Tool = tool("npm", "--version")

/** Runs a Kafka broker and the model checker, with Maven to fetch them. */
export const java: Tool = tool("java", "-version")
export const maven: Tool = tool("mvn", "--version")

/** Lets Java run a program from its source. */
export const javac: Tool = tool("javac", "-version")

/** Makes throw-away certificates. */
export const openssl: Tool = tool("openssl", "version")

export const lacks = (...tools: ReadonlyArray<Tool>): boolean => tools.some((each) => !each.found)

/** The test's name; with the reason in it if the test will be skipped, because that is all a summary shows. */
export function naming(name: string, ...tools: ReadonlyArray<Tool>): string {
  const missing = tools.filter((each) => !each.found).map((each) => each.name)
  return missing.length === 0 ? name : `${name} (skipped: this machine has no ${missing.join(", ")})`
}
