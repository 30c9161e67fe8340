/** Adapter: programs of Kafka's own client, each a process that runs to its end. Not for what must be quick. */
import { Effect, Schema } from "effect"
import { execFile } from "node:child_process"
import path from "node:path"
import { brokerJars, toolJars } from "../../../../scripts/kafka/Jars.ts"

export class JavaFailed extends Schema.TaggedError<JavaFailed>()("JavaFailed", { output: Schema.String }) {
  override get message(): string {
    return `a Java program failed: ${this.output.slice(-2_000)}`
  }
}

const quiet = [
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
]

interface Program {
  readonly jars: string
  readonly args: ReadonlyArray<string>
  readonly stdin?: string
}

const run = ({ args, jars, stdin = "" }: Program) =>
  Effect.callback<string, JavaFailed>((resume) => {
    const options = { maxBuffer: 64 * 1_048_576, timeout: 120_000 }
    const child = execFile("java", [...quiet, "-cp", `${jars}/*`, ...args], options, (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(new JavaFailed({ output: stderr + error.message }))))
    child.stdin?.end(stdin)
    return Effect.sync(() =>
      child.kill("SIGKILL")
    )
  })

const source = path.join(import.meta.dirname, "ForeignClient.java")

/** A command of `ForeignClient.java` and what it needs; several in one process are separated by `","`. */
export const foreignClient = (bootstrap: string, ...commands: ReadonlyArray<string>) =>
  Effect.suspend(() => run({ jars: brokerJars("4.4.0"), args: [source, bootstrap, ...commands] }))

/** Kafka's console producer; the lines are `key<TAB>value`. */
export const consoleProducer = (lines: ReadonlyArray<string>, ...args: ReadonlyArray<string>) =>
  Effect.suspend(() =>
    run({
      jars: toolJars(),
      args: ["org.apache.kafka.tools.ConsoleProducer", "--reader-property", "parse.key=true", ...args],
      stdin: `${lines.join("\n")}\n`
    })
  )
