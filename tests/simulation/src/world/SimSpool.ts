/** The spool of one process, in memory: it may be full, and it may lose what it was given. */
import { Spool, SpoolError, type SpoolFile } from "@tailrace/delivery"
import { Effect } from "effect"
import type { Process } from "../engine/Process.ts"
import type { World } from "./World.ts"

interface Disk {
  bytes: number
  /** Set for a while in the scenario that loses everything. */
  lost: boolean
}

const fileOn = (world: World, process: Process, disk: Disk): SpoolFile => {
  let content = new Uint8Array(1024)
  let end = 0
  const fail = (reason: string) => {
    world.fault(`spool: ${reason}`, process.name)
    return Effect.fail(new SpoolError({ reason }))
  }
  const write = (frame: Uint8Array): number => {
    const position = end
    end += frame.length
    disk.bytes += frame.length
    if (end > content.length) {
      const larger = new Uint8Array(Math.max(end, content.length * 2))
      larger.set(content)
      content = larger
    }
    content.set(frame, position)
    return position
  }
  return {
    append: (frames) =>
      Effect.suspend(() => {
        if (!process.alive || !world.step({ process, name: "spool", phase: "before" })) return Effect.never
        if (world.dice.chance(world.weather.spool.full)) return fail("no space")
        return Effect.as(process.sleep(world.dice.next()), write(Buffer.concat(frames)))
      }),
    read: (position, into) =>
      Effect.suspend(() => {
        if (!process.alive) return Effect.never
        if (disk.lost || world.dice.chance(world.weather.spool.lost)) return fail("content lost")
        if (position + into.length > end) return fail("content lost")
        return Effect.map(
          process.sleep(world.dice.next()),
          () => into.set(content.subarray(position, position + into.length))
        )
      })
  }
}

/** `disk.lost` can be set from outside to lose everything at once. */
export const simSpool = (world: World, process: Process, disk: Disk = { bytes: 0, lost: false }): Spool["Service"] =>
  Spool.of({
    open: Effect.suspend(() => {
      if (!process.alive) return Effect.never
      if (!world.dice.chance(world.weather.spool.full)) return Effect.succeed(fileOn(world, process, disk))
      world.fault("spool: no space", process.name)
      return Effect.fail(new SpoolError({ reason: "no space" }))
    })
  })
