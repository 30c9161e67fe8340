/** How wrong usage is said: one line for each fault and where the help is, instead of the whole help. */
import { Console, Effect } from "effect"
import { CliOutput } from "effect/cli"

/** The parser's sentences begin with what is wrong; its explanations come in further lines. */
const oneLine = (text: string): string =>
  text.replace("Expected: Schema validation failed: ", "").split("\n").map((line) => line.trim()).join(" ").trim()

export const layer = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const lines = event.errors.map((error) => `tailrace: ${oneLine(error.message)}`)
    const help = `tailrace: \`${event.commandPath.join(" ")} --help\` says what is possible`
    return Effect.asVoid(Console.error([...lines, help].join("\n")))
  }
})
