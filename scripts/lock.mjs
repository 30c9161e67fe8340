/**
 * A lock between processes: a file with its owner's name in it, touched while the owner lives. For the bootstrap, where
 * two first runs may meet. Not for two machines whose clocks differ.
 */
import fs from "node:fs"
import os from "node:os"

const staleMillis = 30_000

function ownerIsGone(lock) {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > staleMillis) return true
    const { host, pid } = JSON.parse(fs.readFileSync(lock, "utf8"))
    if (host === os.hostname()) process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

/** Only the holder of the second, short lock removes a dead owner's first one, so that no living owner's is removed. */
function removeDeadLock(lock) {
  const guard = `${lock}-removal`
  try {
    fs.mkdirSync(guard)
  } catch {
    const age = Date.now() - (fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > staleMillis) fs.rmSync(guard, { recursive: true, force: true })
    return
  }
  if (ownerIsGone(lock)) fs.rmSync(lock, { force: true })
  fs.rmdirSync(guard)
}

function takeLock(lock) {
  const owner = `${lock}-${process.pid}`
  try {
    fs.writeFileSync(owner, JSON.stringify({ host: os.hostname(), pid: process.pid }))
    fs.linkSync(owner, lock)
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw error
    return false
  } finally {
    fs.rmSync(owner, { force: true })
  }
}

/**
 * Does `work` while no other process does; `onWait` is told once if it has to wait for one.
 *
 * @param {{ file: string, onWait: () => void }} lock
 * @param {() => Promise<void>} work
 */
export async function withLock({ file, onWait }, work) {
  for (let told = false; !takeLock(file); told = true) {
    if (!told) onWait()
    if (ownerIsGone(file)) removeDeadLock(file)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const heartbeat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), 2_000)
  try {
    await work()
  } finally {
    clearInterval(heartbeat)
    fs.rmSync(file, { force: true })
  }
}
