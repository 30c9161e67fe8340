/** `tailrace cat`: prints the records of delivered objects, whatever their compression. For machines without zstd. */
import { Effect, FileSystem, Stdio, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { decompressed } from "../Decompress.ts"
import { Usage } from "../Failure.ts"

const print = Effect.fnUntraced(function*(file: string) {
  const files = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const bytes = yield* files.readFile(file).pipe(
    Effect.mapError((error) => new Usage({ message: `${file}: ${error.message}` }))
  )
  yield* decompressed(bytes).pipe(
    Stream.mapError((error) => new Usage({ message: `${file}: ${error.message}` })),
    Stream.run(stdio.stdout())
  )
})

export const cat = Command.make(
  "cat",
  { files: Argument.File("file", { mustExist: true }).pipe(Argument.atLeast(1)) },
  ({ files }) => Effect.forEach(files, print, { discard: true })
).pipe(Command.withDescription("Print the records of delivered objects (zstd, gzip or plain)"))
